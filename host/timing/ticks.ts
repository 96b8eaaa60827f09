import type { MovableClock } from './clock.ts';

/** What a clock was moved from, and to. Milliseconds since the epoch. */
export interface Tick {
  readonly from: number;
  readonly to: number;
}

export interface TicksOptions {
  readonly clock: MovableClock;
  /** Whether something is under way that has to end before the clock moves on. */
  readonly busy: () => boolean;
}

/** Looks of which nothing may be under way in one after the other: what has ended may begin something else. */
const CALM = 3;

/** Moves a clock: it stops at each time at which something is due, until that is done. */
export class Ticks {
  readonly #options: TicksOptions;
  #last: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(options: TicksOptions) {
    this.#options = options;
  }

  /** One after the other, whoever asks. */
  tick(ms: number): Promise<Tick> {
    const turn = this.#last.then(() => this.#tick(ms));
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** Moves on no more. */
  stop(): void {
    this.#stopped = true;
  }

  async #tick(ms: number): Promise<Tick> {
    const { clock } = this.#options;
    const from = clock.now();
    const end = from + ms;
    await this.#quiet();
    for (let next = clock.next; next !== null && next <= end && !this.#stopped; next = clock.next) {
      clock.moveTo(next);
      await this.#quiet();
    }
    if (!this.#stopped) clock.moveTo(end);
    await this.#quiet();
    return { from, to: clock.now() };
  }

  async #quiet(): Promise<void> {
    const { clock, busy } = this.#options;
    for (let calm = 0; calm < CALM && !this.#stopped;) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      const { next } = clock;
      calm = busy() || (next !== null && next <= clock.now()) ? 0 : calm + 1;
    }
  }
}
