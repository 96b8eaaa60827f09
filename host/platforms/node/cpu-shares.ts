/** An invocation, as far as its CPU time goes. */
export interface Sharer {
  /** When it began (`performance.now()`). */
  readonly began: number;
}

/** What one has used is forgotten after this, in ms, so that one that lives for hours is judged by what it does now. */
const WINDOW = 60_000;

export interface Looked {
  /** How many invocations were under way since the last look. */
  readonly ran: number;
  /** What one of them has used, in ms. */
  readonly used: (sharer: Sharer) => number;
}

interface Share {
  used: number;
  /** Until when it counts. */
  until: number;
}

/**
 * CPU time of invocations that share a thread. A thread has one clock for all, so from one look to the next its CPU time
 * is split evenly over the invocations that were under way in between, those that have ended included. One alone is
 * charged with what it used; among many, each with the average. None is charged with more than has passed since it began.
 */
export class CpuShares {
  readonly #window: number;
  readonly #shares = new WeakMap<Sharer, Share>();
  /** At the last look: CPU time, the clock, and how many were under way. */
  #cpu = 0;
  #at = 0;
  #under = 0;
  #begun = 0;

  /** @param limit the most that one may use, in ms: the window is longer */
  constructor(limit: number) {
    this.#window = Math.max(WINDOW, 4 * limit);
  }

  /** One more has begun. */
  begin(): void {
    this.#begun++;
  }

  /** @param sharers those under way now; @param cpu the thread's CPU time so far, in ms */
  look(sharers: Iterable<Sharer>, cpu: number, now: number): Looked {
    const ran = this.#under + this.#begun;
    const each = ran === 0 ? 0 : Math.max(0, cpu - this.#cpu) / ran;
    let under = 0;
    for (const sharer of sharers) {
      under++;
      const share = this.#shareOf(sharer, now);
      share.used += Math.min(each, now - Math.max(this.#at, sharer.began));
    }
    this.#cpu = cpu;
    this.#at = now;
    this.#under = under;
    this.#begun = 0;
    return { ran, used: (sharer) => this.#shares.get(sharer)?.used ?? 0 };
  }

  #shareOf(sharer: Sharer, now: number): Share {
    let share = this.#shares.get(sharer);
    if (share === undefined || now > share.until) {
      share = { used: 0, until: now + this.#window };
      this.#shares.set(sharer, share);
    }
    return share;
  }
}
