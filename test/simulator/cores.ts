import type { Due, Events } from './events.ts';

/** What wants CPU: it has one thread. */
export interface Thread {
  /** It has got what it asked for. */
  computed(now: number): void;
}

interface Share {
  readonly thread: Thread;
  /** By the clock of `Cores`. */
  readonly until: number;
}

/** So that rounding keeps nothing from its end, in ms. */
const NEAR = 1e-6;

/** The cores of a host. Threads that want to compute share them evenly, and none uses more than one. */
export class Cores implements Due {
  readonly #events: Events;
  readonly #cores: number;
  /** In the order in which they end. */
  readonly #shares: Share[] = [];
  /** CPU time that each thread would have got that wanted it all the time. */
  #clock = 0;
  #time = 0;
  /** When this is looked at next. */
  #due = Infinity;
  /** CPU time of all cores. */
  used = 0;

  constructor(events: Events, cores: number) {
    this.#events = events;
    this.#cores = cores;
  }

  compute(thread: Thread, ms: number): void {
    this.#pass(this.#events.now);
    const share: Share = { thread, until: this.#clock + ms };
    const shares = this.#shares;
    let index = shares.length;
    while (index > 0 && shares[index - 1]!.until > share.until) index--;
    shares.splice(index, 0, share);
    this.#look();
  }

  happen(now: number): void {
    if (now < this.#due) return;
    this.#due = Infinity;
    this.#pass(now);
    while (this.#shares.length > 0 && this.#shares[0]!.until <= this.#clock + NEAR) this.#shares.shift()!.thread.computed(now);
    this.#look();
  }

  #pass(now: number): void {
    const passed = now - this.#time;
    this.#time = now;
    if (passed === 0 || this.#shares.length === 0) return;
    const threads = this.#shares.length;
    const rate = Math.min(1, this.#cores / threads);
    this.#clock += passed * rate;
    this.used += passed * rate * threads;
  }

  #look(): void {
    if (this.#shares.length === 0) return;
    const rate = Math.min(1, this.#cores / this.#shares.length);
    const due = this.#time + Math.max(0, this.#shares[0]!.until - this.#clock) / rate;
    // One that comes too early is harmless: it looks again.
    if (due >= this.#due) return;
    this.#due = due;
    this.#events.at(due, this);
  }
}
