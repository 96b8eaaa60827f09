import { Expectations } from './expectations.ts';
import { LoadWindow } from './load-window.ts';

/** Times are in ms. */
export interface AutoscalerOptions {
  /** Calls under way that one cell is to have on average. */
  readonly target: number;
  readonly min: number;
  readonly max: number;
  /** The average over this time sets the number of cells. */
  readonly stableWindow: number;
  /** So does the average over this time while it asks for more, as it does when calls come suddenly. */
  readonly panicWindow: number;
  /** The panic begins when the short average asks for so many times the cells that there are. */
  readonly panicThreshold: number;
  /** At most so many times the cells that there are, in one step. */
  readonly maxScaleUpRate: number;
  /** Down to the cells that there are divided by this at most, in one step. */
  readonly maxScaleDownRate: number;
  /** Without calls for so long, none but `min` are wanted. */
  readonly idle: number;
  /** How long before a time that calls are expected at their cells are wanted. */
  readonly lead: number;
  /** How long after it they are still wanted, where nothing came. */
  readonly hold: number;
}

/** `target` and the windows are those that the simulator in `test/simulator` justifies: ARCHITECTURE.md, "Pool". */
export const AUTOSCALER_DEFAULTS: AutoscalerOptions = {
  target: 8,
  min: 0,
  max: 100,
  stableWindow: 60_000,
  panicWindow: 2_000,
  panicThreshold: 2,
  maxScaleUpRate: 10,
  maxScaleDownRate: 2,
  idle: 60_000,
  lead: 1_000,
  hold: 5_000,
};

/** Fewer cells are wanted only where they would stay below this part of the target: a load at the border changes nothing. */
const SLACK = 0.9;

/**
 * How many cells a version wants, from how many of its calls are under way: Knative's rules for concurrency
 * (https://knative.dev/docs/serving/autoscaling/kpa-specific/), and calls that are known beforehand.
 * It has no timer and no clock; one whose time goes back counts on from there.
 */
export class Autoscaler {
  readonly #options: AutoscalerOptions;
  readonly #load: LoadWindow;
  readonly #expected: Expectations;
  /** When the short average was last too high, in the window's own time. */
  #panicAt = -Infinity;
  #panicCells = 0;

  constructor(options: Partial<AutoscalerOptions> = {}) {
    this.#options = { ...AUTOSCALER_DEFAULTS, ...options };
    const { stableWindow, panicWindow, lead, hold } = this.#options;
    this.#load = new LoadWindow(stableWindow, panicWindow);
    this.#expected = new Expectations(lead, hold);
  }

  get panicking(): boolean {
    return this.#panicAt !== -Infinity;
  }

  /** From `time` on so many calls are under way, those that wait for a cell among them. */
  record(time: number, inFlight: number): void {
    this.#load.record(time, inFlight);
  }

  /** Calls that need so many cells come at `at`. */
  expect(at: number, cells: number): void {
    this.#expected.add(at, cells);
  }

  /** How many cells are wanted, where there are `cells` now. At most one step from there, so ask again. */
  desired(time: number, cells: number): number {
    const { min, max } = this.#options;
    this.#load.advance(time);
    return Math.min(max, Math.max(min, this.#byLoad(cells), this.#expected.cellsAt(time)));
  }

  /** When `desired` may change though nothing is recorded until then; Infinity where it may not. */
  next(time: number): number {
    this.#load.advance(time);
    const { quiet } = this.#load;
    // A millisecond at least: sums of fractions may fall short of the idle time by less than a clock can tell.
    const idle = quiet === 0 || quiet >= this.#options.idle ? Infinity : time + Math.max(1, this.#options.idle - quiet);
    return Math.min(idle, this.#expected.next(time));
  }

  #byLoad(cells: number): number {
    const { target, idle, panicThreshold, maxScaleUpRate, maxScaleDownRate } = this.#options;
    if (this.#load.quiet >= idle) {
      this.#calm();
      return 0;
    }
    const ready = Math.max(1, cells);
    const most = Math.ceil(ready * maxScaleUpRate);
    const least = Math.max(1, Math.floor(ready / maxScaleDownRate));
    const panic = Math.ceil(this.#load.short / target);
    let wanted = within(this.#stable(cells), least, most);
    if (panic / ready >= panicThreshold) this.#panicAt = this.#load.now;
    else if (this.#load.now - this.#panicAt > this.#options.stableWindow) this.#calm();
    if (!this.panicking) return wanted;
    // While calls come suddenly nothing goes down: the next wave finds what the last one needed.
    wanted = Math.max(wanted, within(panic, least, most), this.#panicCells);
    this.#panicCells = wanted;
    return wanted;
  }

  #stable(cells: number): number {
    const { target } = this.#options;
    const load = this.#load.long;
    const wanted = Math.ceil(load / target);
    return wanted < cells ? Math.min(cells, Math.ceil(load / (target * SLACK))) : wanted;
  }

  #calm(): void {
    this.#panicAt = -Infinity;
    this.#panicCells = 0;
  }
}

function within(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
