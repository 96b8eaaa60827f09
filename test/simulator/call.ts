import type { SimulatedCell } from './cell.ts';
import type { Due, Events } from './events.ts';

/** What a call needs: it computes, waits for something outside, and computes again; where `wait` is 0 it ends before. In ms. */
export interface Work {
  readonly before: number;
  readonly wait: number;
  readonly after: number;
}

/** Who has sent the call here. */
export interface Caller {
  ended(call: Call, now: number): void;
}

export class Call implements Due {
  readonly arrived: number;
  readonly #events: Events;
  readonly #work: Work;
  readonly #caller: Caller;
  /** Whether it has waited for a cell that was started. */
  cold = false;
  /** When it came to its cell. */
  began = 0;
  cell: SimulatedCell | null = null;
  #waited = false;

  constructor(events: Events, work: Work, caller: Caller) {
    this.#events = events;
    this.#work = work;
    this.#caller = caller;
    this.arrived = events.now;
  }

  /** What it would take alone. */
  get own(): number {
    const { before, wait, after } = this.#work;
    return before + wait + after;
  }

  begin(cell: SimulatedCell, now: number): void {
    this.cell = cell;
    this.began = now;
    cell.compute(this, this.#work.before);
  }

  /** It has computed. While it waits, its cell computes for others. */
  computed(now: number): void {
    if (this.#waited || this.#work.wait === 0) return this.#caller.ended(this, now);
    this.#waited = true;
    this.#events.at(now + this.#work.wait, this);
  }

  /** What it waited for is there. */
  happen(): void {
    this.cell!.compute(this, this.#work.after);
  }
}
