import { PLATFORM_TIMERS, type Timers } from '../timers.ts';

interface Patience {
  readonly signal: AbortSignal | undefined;
  /** Milliseconds. */
  readonly wait: number | undefined;
}

const LONGEST_TIMER = 2 ** 31 - 1;

/** What the host says of a lease, line by line, for as long as it lasts. */
export class LeaseLines {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #text = new TextDecoder();
  readonly #ended: (() => void) | undefined;
  readonly #timers: Timers;
  #rest = '';

  constructor(
    stream: ReadableStream<Uint8Array>,
    { ended, timers = PLATFORM_TIMERS }: { ended?: (() => void) | undefined; timers?: Timers | undefined },
  ) {
    this.#reader = stream.getReader();
    this.#ended = ended;
    this.#timers = timers;
  }

  /** The fence, when its turn has come. @throws the signal's reason, a `TimeoutError`, or an error where it is lost already */
  async granted(name: string, { signal, wait }: Patience): Promise<number> {
    let noTimer: (() => void) | undefined;
    let stop: (() => void) | undefined;
    const impatient = new Promise<never>((_resolve, reject) => {
      if (wait !== undefined && wait <= LONGEST_TIMER)
        noTimer = this.#timers.after(wait, () =>
          reject(new DOMException(`The lock ${JSON.stringify(name)} was not free within ${wait} ms.`, 'TimeoutError')),
        );
      stop = () => reject(signal!.reason as Error);
      signal?.addEventListener('abort', stop, { once: true });
    });
    try {
      const line = await Promise.race([this.next(), impatient]);
      const fence = /^granted (\d+)$/.exec(line ?? '')?.[1];
      if (fence !== undefined) return Number(fence);
      throw Object.assign(new Error(`The wait for the lock ${JSON.stringify(name)} has ended: ${reasonOf(line)}`), { code: 'lock-lost' });
    } finally {
      noTimer?.();
      signal?.removeEventListener('abort', stop!);
    }
  }

  /** Resolves to the reason when it has ended, in whichever way. */
  async ended(): Promise<string> {
    const line = await this.next();
    this.#ended?.();
    return reasonOf(line);
  }

  cancel(): void {
    this.#reader.cancel().catch(() => {});
    this.#ended?.();
  }

  /** Null where nothing more comes. */
  async next(): Promise<string | null> {
    for (;;) {
      const end = this.#rest.indexOf('\n');
      if (end >= 0) {
        const line = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 1);
        return line;
      }
      const { done, value } = await this.#reader.read().catch(() => ({ done: true, value: undefined }));
      if (done) return null;
      this.#rest += this.#text.decode(value, { stream: true });
    }
  }
}

function reasonOf(line: string | null): string {
  return line?.startsWith('lost ') ? line.slice('lost '.length) : 'Its invocation has ended, or the host.';
}
