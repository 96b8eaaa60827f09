export interface PaceTerms {
  /** Bytes in a second. */
  readonly rate: number;
  /** Milliseconds of waiting before that counts. */
  readonly grace: number;
}

/** Looks at how fast something comes, while it is waited for. What a reader does not ask for cannot be late. */
export class Pace {
  readonly #terms: PaceTerms;
  readonly #late: () => void;
  #bytes = 0;
  /** Milliseconds so far. */
  #waited = 0;
  /** `performance.now()`; undefined while nothing is waited for. */
  #since: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(terms: PaceTerms, late: () => void) {
    this.#terms = terms;
    this.#late = late;
  }

  /** Something is waited for from now on. */
  wait(): void {
    if (this.#since !== undefined) return;
    this.#since = performance.now();
    const { rate, grace } = this.#terms;
    this.#timer = setTimeout(this.#late, Math.max(1, Math.max(grace, (this.#bytes / rate) * 1_000) - this.#waited));
  }

  pause(): void {
    clearTimeout(this.#timer);
    if (this.#since !== undefined) this.#waited += performance.now() - this.#since;
    this.#since = undefined;
  }

  came(bytes: number): void {
    this.#bytes += bytes;
  }
}
