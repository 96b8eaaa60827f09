import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Autoscaler, AUTOSCALER_DEFAULTS, type AutoscalerOptions } from '../../../host/dispatch/pool/autoscaler.ts';
import { seeded } from '../../registry/random.ts';

// The same draws each time.
fc.configureGlobal({ seed: 1 });

const SECOND = 1_000;
const START = Date.UTC(2026, 0, 1);
const OPTIONS: Partial<AutoscalerOptions> = {
  target: 10,
  stableWindow: 60_000,
  panicWindow: 6_000,
  panicThreshold: 2,
  maxScaleUpRate: 10,
  maxScaleDownRate: 2,
  idle: 30_000,
};

describe('Autoscaler', () => {
  it('wants as many cells as the average load asks for', () => {
    const run = new Run();
    run.load(45, 120 * SECOND);
    expect(run.cells).toBe(5);
    run.load(91, 240 * SECOND);
    expect(run.cells).toBe(10);
  });

  it('counts for how long calls are under way, not how often they are seen', () => {
    const run = new Run({ target: 1 });
    // 4 calls for 100 ms of each second: 0.4 on average.
    for (let second = 0; second < 90; second++) {
      run.load(4, 100);
      run.load(0, 900);
    }
    expect(run.cells).toBe(1);
  });

  it('is at one cell with the first call, and at none where there never was one', () => {
    const scaler = new Autoscaler(OPTIONS);
    expect(scaler.desired(START, 0)).toBe(0);
    scaler.record(START, 1);
    expect(scaler.desired(START, 0)).toBe(1);
  });

  it('panics when calls come suddenly, goes no way down meanwhile, and ends it after a stable window', () => {
    const run = new Run();
    run.load(9, 60 * SECOND);
    expect([run.cells, run.scaler.panicking]).toEqual([1, false]);
    run.load(80, 3 * SECOND);
    // The long average is near 13, which would be 2 cells.
    expect([run.cells, run.scaler.panicking]).toEqual([5, true]);
    run.load(80, 4 * SECOND);
    expect(run.cells).toBe(8);
    run.load(9, 40 * SECOND);
    expect([run.cells, run.scaler.panicking]).toEqual([8, true]);
    run.load(9, 30 * SECOND);
    expect(run.scaler.panicking).toBe(false);
    run.load(9, 60 * SECOND);
    expect(run.cells).toBe(1);
  });

  it('goes up and down by no more than its rates in one step', () => {
    const scaler = new Autoscaler({ ...OPTIONS, maxScaleUpRate: 3 });
    scaler.record(START, 1_000);
    expect(scaler.desired(START + 60 * SECOND, 0)).toBe(3);
    expect(scaler.desired(START + 60 * SECOND, 3)).toBe(9);
    scaler.record(START + 60 * SECOND, 1);
    const later = START + 200 * SECOND;
    expect([100, 50, 25, 12, 6, 3, 1].map((cells) => scaler.desired(later, cells))).toEqual([50, 25, 12, 6, 3, 1, 1]);
  });

  it('wants none after the idle time, though the windows still know the load', () => {
    const run = new Run();
    run.load(40, 50 * SECOND);
    run.load(0, 29 * SECOND);
    expect(run.cells).toBeGreaterThan(0);
    expect(run.scaler.next(run.time)).toBe(run.time + SECOND);
    run.load(0, SECOND);
    expect(run.cells).toBe(0);
    expect(run.scaler.next(run.time)).toBe(Infinity);
  });

  it('is asked a bounded number of times until it wants none, also at times that are no whole numbers', () => {
    const random = seeded(2);
    for (let round = 0; round < 2_000; round++) {
      const scaler = new Autoscaler({ ...OPTIONS, idle: 1e5 * random() });
      let time = 1e6 * random();
      for (let call = 0; call < 20; call++) scaler.record((time += random() * 99.9), 1 - (call % 2));
      scaler.record(time, 0);
      scaler.desired((time += random() * 99.9), 1);
      let asked = 0;
      for (; asked < 3 && scaler.desired(time, 1) > 0; asked++) time = scaler.next(time);
      expect(asked).toBeLessThanOrEqual(2);
    }
  });

  it('keeps its number at steady load, also where that lies at a border', () => {
    for (const load of [1, 9, 10, 11, 30, 50]) {
      const run = new Run({ target: 10 });
      run.load(load, 70 * SECOND);
      const { cells } = run;
      run.changes = 0;
      run.load(load, 600 * SECOND);
      expect([run.cells, run.changes]).toEqual([cells, 0]);
    }
  });

  it('hardly changes its number under random calls at an even rate', () => {
    const random = seeded(5);
    const run = new Run({ target: 4 });
    // Calls come at random, each takes 250 ms; on average 8 are under way: right at the border of two cells.
    const ends: number[] = [];
    const arrive = (seconds: number): void => {
      const until = run.time + seconds * SECOND;
      let next = run.time;
      while (run.time < until) {
        next += -Math.log(1 - random()) * (SECOND / 32);
        while (ends.length > 0 && ends[0]! < next) run.at(ends.shift()!, ends.length);
        run.at(next, ends.push(next + 250));
      }
    };
    arrive(120);
    run.changes = 0;
    arrive(1_200);
    expect(run.changes).toBeLessThanOrEqual(4);
    expect([2, 3]).toContain(run.cells);
  });

  it('stays within min and max, whatever comes and however the time goes', () => {
    const step = fc.record({
      passed: fc.oneof(fc.integer({ min: -1e7, max: 1e7 }), fc.nat(5_000)),
      inFlight: fc.nat(1_000),
      cells: fc.nat(50),
      expected: fc.option(fc.record({ after: fc.integer({ min: -1e5, max: 1e5 }), cells: fc.nat(99) })),
    });
    fc.assert(
      fc.property(fc.nat(5), fc.nat(20), fc.array(step), (min, more, steps) => {
        const scaler = new Autoscaler({ ...OPTIONS, min, max: min + more });
        let time = START;
        for (const { passed, inFlight, cells, expected } of steps) {
          time += passed;
          scaler.record(time, inFlight);
          if (expected) scaler.expect(time + expected.after, expected.cells);
          const desired = scaler.desired(time, cells);
          expect(Number.isInteger(desired) && desired >= min && desired <= min + more).toBe(true);
          expect(scaler.next(time)).toBeGreaterThan(time);
        }
      }),
    );
  });

  it('counts on where the clock goes back, as if it had not', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20_000), fc.nat(200), fc.nat(1e6)), { minLength: 1 }), (steps) => {
        const [even, moved] = [new Autoscaler(OPTIONS), new Autoscaler(OPTIONS)];
        let [time, other, cells] = [START, START, 0];
        for (const [passed, inFlight, back] of steps) {
          time += passed;
          other += passed;
          even.record(time, inFlight);
          moved.record(other, inFlight);
          other -= back;
          moved.record(other, inFlight);
          const wanted = even.desired(time, cells);
          expect(moved.desired(other, cells)).toBe(wanted);
          cells = wanted;
        }
      }),
    );
  });

  it('agrees with averages over everything that was ever recorded', () => {
    const loads = fc.array(fc.tuple(fc.integer({ min: 1, max: 30_000 }), fc.nat(300)), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(loads, (steps) => {
        const scaler = new Autoscaler({ ...OPTIONS, target: 1, maxScaleUpRate: 1e6, panicThreshold: 1e9, max: 1e6, idle: Infinity });
        let time = START;
        for (const [passed, inFlight] of steps) {
          scaler.record(time, inFlight);
          time += passed;
        }
        const average = averageOf(steps, 60_000);
        // Whole cells, and of the oldest bucket of a second it knows the average alone: 300 calls for a quarter of it at most.
        expect(Math.abs(scaler.desired(time, 0) - Math.max(1, average))).toBeLessThan(1 + (300 * 250) / 60_000 + 0.001);
      }),
    );
  });

  describe('with calls that are known beforehand', () => {
    const due = START + 100 * SECOND;
    const options = { ...OPTIONS, lead: 500, hold: 2_000 };

    it('wants their cells shortly before, and lets go where nothing came', () => {
      const scaler = new Autoscaler(options);
      scaler.expect(due, 3);
      const wanted = [-501, -500, 0, 1_999, 2_000].map((after) => scaler.desired(due + after, 0));
      expect(wanted).toEqual([0, 3, 3, 3, 0]);
    });

    it('says when to ask next', () => {
      const scaler = new Autoscaler(options);
      scaler.expect(due, 3);
      scaler.expect(due + 60 * SECOND, 1);
      expect(scaler.next(START)).toBe(due - 500);
      expect(scaler.next(due - 500)).toBe(due + 2_000);
      expect(scaler.next(due + 2_000)).toBe(due + 59_500);
    });

    it('keeps the soonest of any number, the most cells of those at one time, and never more than max', () => {
      const scaler = new Autoscaler({ ...options, max: 7 });
      for (let minute = 1_000; minute > 0; minute--) scaler.expect(due + minute * 60 * SECOND, 2);
      scaler.expect(due, 2);
      scaler.expect(due, 50);
      scaler.expect(due, 1);
      expect(scaler.desired(due, 0)).toBe(7);
      expect(scaler.desired(due + 60 * SECOND, 0)).toBe(2);
      expect(scaler.desired(due + 63 * 60 * SECOND, 0)).toBe(2);
      expect(scaler.next(due + 63 * 60 * SECOND + 3_000)).toBe(Infinity);
    });
  });

  it('has defaults that are whole', () => {
    for (const value of Object.values(AUTOSCALER_DEFAULTS)) expect(value).toBeGreaterThanOrEqual(0);
  });
});

/** A version whose cells are as many as its autoscaler wants, which is asked each second. */
class Run {
  readonly scaler: Autoscaler;
  time = START;
  cells = 0;
  changes = 0;
  #asked = START;

  constructor(options: Partial<AutoscalerOptions> = {}) {
    this.scaler = new Autoscaler({ ...OPTIONS, ...options });
  }

  load(inFlight: number, ms: number): void {
    this.at(this.time, inFlight);
    const until = this.time + ms;
    while (this.time < until) this.at(Math.min(until, this.time + SECOND), inFlight);
  }

  at(time: number, inFlight: number): void {
    for (; this.#asked + SECOND <= time; this.#asked += SECOND) this.#ask(this.#asked + SECOND);
    this.time = time;
    this.scaler.record(time, inFlight);
  }

  #ask(time: number): void {
    const wanted = this.scaler.desired(time, this.cells);
    if (wanted !== this.cells) this.changes++;
    this.cells = wanted;
  }
}

function averageOf(steps: readonly (readonly [ms: number, inFlight: number])[], window: number): number {
  const whole = steps.reduce((sum, [ms]) => sum + ms, 0);
  const span = Math.min(window, Math.max(whole, 1_000));
  let [left, sum] = [Math.min(window, whole), 0];
  for (const [ms, inFlight] of steps.toReversed()) {
    sum += Math.min(ms, left) * inFlight;
    left = Math.max(0, left - ms);
  }
  return sum / span;
}
