import type { Call } from './call.ts';

/** Rings when the next of a cell's calls has run out of time: one timer for all. */
export class DeadlineClock {
  readonly #calls: () => Iterable<Call>;
  readonly #expire: (calls: readonly Call[]) => void;
  #timer: NodeJS.Timeout | undefined;
  /** When it rings (`performance.now()`); that may be early, when the call has ended meanwhile. */
  #rings = Infinity;

  constructor(calls: () => Iterable<Call>, expire: (calls: readonly Call[]) => void) {
    this.#calls = calls;
    this.#expire = expire;
  }

  /** Deadlines come in any order: a caller may have little time left. */
  watch({ deadline }: Call): void {
    if (deadline >= this.#rings) return;
    clearTimeout(this.#timer);
    this.#rings = deadline;
    this.#timer = setTimeout(this.#ring, Math.max(1, Math.ceil(deadline - performance.now())));
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #ring = (): void => {
    this.#rings = Infinity;
    const now = performance.now();
    const expired: Call[] = [];
    let next: Call | undefined;
    for (const call of this.#calls()) {
      if (call.deadline <= now) expired.push(call);
      else if (call.deadline < (next?.deadline ?? Infinity)) next = call;
    }
    if (next !== undefined) this.watch(next);
    if (expired.length > 0) this.#expire(expired);
  };
}
