import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slidingWindow, tokenBucket, type Algorithm, type Meter, type State } from '../../host/gateway/limits/meter.ts';

/** Which of these times were let through. */
function run(algorithm: Algorithm, meter: Meter, times: readonly number[]): number[] {
  let state: State | null = null;
  return times.filter((time) => {
    const taken = algorithm(meter, state, time);
    ({ state } = taken);
    return taken.verdict.allowed;
  });
}

const meter = { limit: 10, period: 1_000, burst: 10 };

describe('tokenBucket()', () => {
  it('lets a burst through, and then one for each share of the period', () => {
    expect(run(tokenBucket, meter, Array<number>(15).fill(0))).toHaveLength(10);
    const steady = [...Array<number>(10).fill(0), 99, 100, 199, 200];
    expect(run(tokenBucket, meter, steady)).toEqual([...Array<number>(10).fill(0), 100, 200]);
  });

  it('says how it stands', () => {
    expect(tokenBucket(meter, null, 5_000)).toEqual({
      state: [5_100],
      verdict: { allowed: true, remaining: 9, reset: 100, retry: 0 },
      ttl: 100,
    });
    const full = tokenBucket(meter, [6_000], 5_000);
    expect(full.verdict).toEqual({ allowed: false, remaining: 0, reset: 1_000, retry: 100 });
    expect(full.state).toEqual([6_000]);
  });

  it('never lets through more than a burst and what has come since, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 200 }), (arrivals) => {
        const allowed = run(
          tokenBucket,
          meter,
          arrivals.toSorted((a, b) => a - b),
        );
        for (const [index, from] of allowed.entries()) {
          for (const [more, to] of allowed.slice(index).entries())
            expect(more + 1).toBeLessThanOrEqual(10 + Math.floor((to - from) / 100 + 1e-6));
        }
      }),
    );
  });

  it('lets through when it has said that it would', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1_000, max: 100_000 }), (limit, period) => {
        const full = { limit, period, burst: limit };
        const state = [period];
        const { retry } = tokenBucket(full, state, 0).verdict;
        expect(tokenBucket(full, state, retry + 1e-3).verdict.allowed).toBe(true);
        expect(tokenBucket(full, state, retry - 1e-1 * Math.min(1, retry)).verdict.allowed).toBe(false);
      }),
    );
  });
});

describe('slidingWindow()', () => {
  it('counts the period before by how much of it lies in this one', () => {
    expect(run(slidingWindow, meter, Array<number>(15).fill(0))).toHaveLength(10);
    // Half of the ten that came before still count.
    expect(run(slidingWindow, meter, [...Array<number>(10).fill(900), ...Array<number>(10).fill(1_500)])).toHaveLength(15);
    expect(run(slidingWindow, meter, [...Array<number>(10).fill(0), ...Array<number>(20).fill(2_000)])).toHaveLength(20);
  });

  it('lets through when it has said that it would, and not before', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 10, maxLength: 100 }), (arrivals) => {
        let state: State | null = null;
        for (const time of arrivals.toSorted((a, b) => a - b)) {
          const taken = slidingWindow(meter, state, time);
          if (!taken.verdict.allowed) {
            const { retry } = taken.verdict;
            expect(slidingWindow(meter, state, time + retry + 1e-3).verdict.allowed).toBe(true);
            if (retry > 1) expect(slidingWindow(meter, state, time + retry - 1).verdict.allowed).toBe(false);
          }
          ({ state } = taken);
        }
      }),
    );
  });
});
