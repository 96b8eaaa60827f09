/** What time it is, and what is to be done later. */
export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly after: After;
}

/** Calls back once, after so many ms; gives what cancels that. */
export type After = (ms: number, callback: () => void) => () => void;

interface Timer {
  readonly time: number;
  readonly callback: () => void;
  handle: ReturnType<typeof setTimeout> | undefined;
}

/** The clock is looked at so often, in ms: it may have been set, or the machine have slept. */
const MAX_DELAY = 15_000;

export const after: After = (ms, callback) => {
  const handle = setTimeout(callback, ms);
  return () => clearTimeout(handle);
};

/** A clock that goes as the platform's does, and can be moved forward. */
export class MovableClock implements Clock {
  /** How far it is ahead, in ms. */
  #ahead = 0;
  /** The same for other threads: written here, and read there. */
  readonly shared = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
  readonly #timers = new Set<Timer>();

  readonly now = (): number => Date.now() + this.#ahead;

  readonly after: After = (ms, callback) => {
    const timer: Timer = { time: this.now() + ms, callback, handle: undefined };
    this.#timers.add(timer);
    this.#set(timer);
    return () => this.#remove(timer);
  };

  /** When a timer is due next, or null. */
  get next(): number | null {
    return this.#timers.size === 0 ? null : Math.min(...[...this.#timers].map(({ time }) => time));
  }

  /** Never backward. What is due then is called soon, in its order. */
  moveTo(time: number): void {
    this.#ahead += Math.max(0, time - this.now());
    this.shared[0] = this.#ahead;
    for (const timer of [...this.#timers].toSorted((a, b) => a.time - b.time)) this.#set(timer);
  }

  #set(timer: Timer): void {
    clearTimeout(timer.handle);
    const delay = Math.max(0, timer.time - this.now());
    timer.handle = setTimeout(
      () => {
        if (timer.time > this.now()) return this.#set(timer);
        this.#remove(timer);
        timer.callback();
      },
      Math.min(delay, MAX_DELAY),
    );
  }

  #remove(timer: Timer): void {
    clearTimeout(timer.handle);
    this.#timers.delete(timer);
  }
}
