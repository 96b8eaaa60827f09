import { describe, expect, it } from 'vitest';
import { above, addTo, bucketOf, countsOf, endOf, newTally, quantileBucket, since, sumOf } from '../../host/releases/counts.ts';

function counted(...durations: number[]) {
  const tally = newTally();
  for (const ms of durations) addTo(tally, ms, ms > 100);
  return countsOf(tally);
}

describe('counts', () => {
  it('put a duration into a bucket whose end is at most 2.2 % above it', () => {
    for (let ms = 0.02; ms < 1e6; ms *= 1.37) {
      const end = endOf(bucketOf(ms));
      expect(end).toBeGreaterThanOrEqual(ms * (1 - 1e-9));
      expect(end).toBeLessThan(ms * 1.022);
    }
    expect(bucketOf(0)).toBe(bucketOf(0.001));
    expect(endOf(bucketOf(64))).toBe(64);
  });

  it('tell quantiles, and how many took longer', () => {
    const counts = counted(...Array.from({ length: 100 }, (_, index) => index + 1));
    expect(endOf(quantileBucket(counts, 0.95)!)).toBeCloseTo(95, -0.6);
    expect(endOf(quantileBucket(counts, 0.5)!)).toBeCloseTo(50, -0.5);
    expect(above(counts, bucketOf(64))).toBe(36);
    expect(quantileBucket(counted(), 0.5)).toBeNull();
  });

  it('are added up, and what has come since is told', () => {
    const [a, b] = [counted(1, 2, 200), counted(2, 300)];
    const both = sumOf([a, b]);
    expect(both).toMatchObject({ requests: 5, errors: 2 });
    expect(since(both, a)).toEqual(b);
    expect(since(a, both)).toEqual(counted());
  });
});
