import type { SimulatedCell } from './cell.ts';
import type { Due, Events } from './events.ts';

/** What a call needs: it computes, waits for something outside, and computes again; where `wait` is 0 it ends before. In ms. */
export interface Work {
  readonly before: number;
  readonly wait: number;
  readonly after: number;
}

export class Call implements Due {
  readonly arrived: number;
  readonly #work: Work;
  /** Whether it has waited for a cell that was started. */
  cold = false;
  ended: (now: number) => void = () => {};
  #cell: SimulatedCell | null = null;
  #events: Events | null = null;

  constructor(arrived: number, work: Work) {
    this.arrived = arrived;
    this.#work = work;
  }

  /** What it would take alone. */
  get own(): number {
    const { before, wait, after } = this.#work;
    return before + wait + after;
  }

  begin(cell: SimulatedCell, events: Events): void {
    this.#cell = cell;
    this.#events = this.#work.wait === 0 ? null : events;
    cell.compute(this, this.#work.before);
  }

  /** It has computed. While it waits, its cell computes for others. */
  computed(now: number): void {
    const events = this.#events;
    if (events === null) return this.ended(now);
    this.#events = null;
    events.at(now + this.#work.wait, this);
  }

  /** What it waited for is there. */
  happen(): void {
    this.#cell!.compute(this, this.#work.after);
  }
}
