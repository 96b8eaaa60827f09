import { BrinkError } from '../../errors.ts';

/** Whether the runtime takes requests. Those that come while it does not wait, for a time. */
export interface Gate {
  readonly isOpen: boolean;
  open(): void;
  /** @param until when it may open again, in milliseconds since the epoch; 0: soon */
  close(until?: number): void;
  /** @throws {BrinkError} `runtime-unavailable` where that takes too long */
  passed(): Promise<void>;
}

/** A client waits for so long, in ms. */
export const PATIENCE = 10_000;

export function createGate(): Gate {
  let opened: { readonly promise: Promise<void>; resolve(): void } | null = Promise.withResolvers();
  let until = 0;
  return {
    get isOpen() {
      return opened === null;
    },
    open() {
      opened?.resolve();
      opened = null;
    },
    close(time = 0) {
      opened ??= Promise.withResolvers();
      until = time;
    },
    async passed() {
      if (opened === null) return;
      if (until - Date.now() > PATIENCE) throw unavailable(until);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(unavailable(until)), PATIENCE)));
      await Promise.race([opened.promise, late]).finally(() => clearTimeout(timer));
    },
  };
}

/** @param what is being started */
export function unavailable(until: number, what = 'workerd'): BrinkError {
  const seconds = Math.max(1, Math.ceil((until - Date.now()) / 1000));
  return new BrinkError('runtime-unavailable', `${what} is being started anew; try again in ${seconds} s.`, {
    details: { retryAfter: seconds },
  });
}
