import type { Call } from './call.ts';
import { Histogram } from './histogram.ts';

/** Counts what became of the calls that came after the warm-up. */
export class Measure {
  readonly latency = new Histogram();
  /** What came on top of what the calls would have taken alone. */
  readonly delay = new Histogram();
  readonly #from: number;
  cold = 0;
  refused = 0;

  constructor(from: number) {
    this.#from = from;
  }

  answered(call: Call, now: number): void {
    if (call.arrived < this.#from) return;
    this.latency.add(now - call.arrived);
    this.delay.add(now - call.arrived - call.own);
    if (call.cold) this.cold++;
  }

  shed(arrived: number): void {
    if (arrived >= this.#from) this.refused++;
  }
}
