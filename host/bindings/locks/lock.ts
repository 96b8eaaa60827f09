import type { LeaseLines } from './lease-lines.ts';

interface Grant {
  readonly name: string;
  readonly mode: string;
  readonly fence: number;
  readonly release: () => Promise<void>;
}

/** `Lock` of `sdk/locks.ts`, in the cell. */
export class Lock {
  readonly #grant: Grant;
  readonly #controller = new AbortController();
  #released: Promise<void> | undefined;

  constructor(grant: Grant, lines: LeaseLines) {
    this.#grant = grant;
    void lines.ended().then((reason) => {
      if (this.#released === undefined)
        this.#controller.abort(new DOMException(`The lock ${JSON.stringify(grant.name)} is lost: ${reason}`, 'AbortError'));
    });
  }

  get name(): string {
    return this.#grant.name;
  }

  get mode(): string {
    return this.#grant.mode;
  }

  get fence(): number {
    return this.#grant.fence;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  release(): Promise<void> {
    return (this.#released ??= this.signal.aborted ? Promise.resolve() : this.#grant.release());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}
