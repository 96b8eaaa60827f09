import type { Timers } from '../../host/bindings/timers.ts';
import { durationOf } from '../../host/timing/duration.ts';
import type { TestClock } from './types.ts';

export interface HeldClockOptions {
  readonly now: number;
  /** Resolves when all that was begun has come to its end, or waits for time. */
  readonly quiet: () => Promise<void>;
  /** What has failed since. */
  readonly failures: () => unknown[];
}

interface Timer {
  due: number;
  readonly every: number | null;
  readonly run: () => void;
}

/** The time of a test. Timers go by how much of it has passed, whatever it was set to. */
export class HeldClock implements TestClock, Timers {
  readonly #options: HeldClockOptions;
  readonly #timers = new Set<Timer>();
  #now: number;
  #passed = 0;
  #moving = false;

  constructor(options: HeldClockOptions) {
    this.#options = options;
    this.#now = options.now;
  }

  readonly now = (): number => this.#now;

  after(ms: number, run: () => void): () => void {
    return this.#add({ due: this.#passed + Math.max(0, ms), every: null, run });
  }

  every(ms: number, run: () => void): () => void {
    return this.#add({ due: this.#passed + ms, every: ms, run });
  }

  async advance(duration: number | string): Promise<void> {
    return this.#move(this.#passed + passing(duration), { stopping: true });
  }

  async jump(duration: number | string): Promise<void> {
    return this.#move(this.#passed + passing(duration), { stopping: false });
  }

  async set(time: Date | number | string): Promise<void> {
    const target = timeOf(time);
    if (target >= this.#now) return this.#move(this.#passed + target - this.#now, { stopping: true });
    this.#now = target;
    return undefined;
  }

  /** Nothing is due any more. */
  stop(): void {
    this.#timers.clear();
  }

  #add(timer: Timer): () => void {
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  async #move(end: number, { stopping }: { stopping: boolean }): Promise<void> {
    if (this.#moving) throw new Error('The clock moves already: await each advance(), set(), jump() and settle() before the next.');
    this.#moving = true;
    try {
      await this.#options.quiet();
      if (!stopping) this.#pass(end);
      for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
        this.#pass(Math.max(this.#passed, next.due));
        if (next.every === null) this.#timers.delete(next);
        else next.due = this.#passed + next.every;
        next.run();
        await this.#options.quiet();
      }
      this.#pass(end);
    } finally {
      this.#moving = false;
    }
    throwAll(this.#options.failures());
  }

  #pass(to: number): void {
    this.#now += to - this.#passed;
    this.#passed = to;
  }

  /** The earliest, and of those the one that was set first. */
  #next(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) if (timer.due <= end && !(first !== undefined && first.due <= timer.due)) first = timer;
    return first;
  }
}

export function throwAll(errors: readonly unknown[]): void {
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} handlers, or what they gave to waitUntil(), threw.`);
}

function passing(duration: number | string): number {
  const ms = durationOf(duration);
  if (ms !== null) return ms;
  throw new RangeError(
    `${JSON.stringify(duration)} is no duration: give whole milliseconds, or text such as "90s" or "1h30m". To go back, use set().`,
  );
}

/** @throws {RangeError} */
export function timeOf(time: Date | number | string): number {
  const ms = typeof time === 'number' ? time : new Date(time).getTime();
  if (Number.isSafeInteger(ms)) return ms;
  throw new RangeError(
    `${JSON.stringify(time)} is no time: give a Date, milliseconds since the epoch, or text such as "2026-03-29T01:00:00Z".`,
  );
}
