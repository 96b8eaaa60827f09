import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetryBudget } from '../../host/gateway/limits/retry-budget.ts';
import { Window } from '../../host/gateway/limits/window.ts';

describe('Window', () => {
  it('has what came in the last period, to a tenth of it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 100 }), (arrivals) => {
        const times = arrivals.toSorted((a, b) => a - b);
        const window = new Window(10_000);
        for (const [index, time] of times.entries()) {
          window.add(time, 1, 2);
          const part = Math.floor(time / 1_000);
          const expected = times.slice(0, index + 1).filter((each) => Math.floor(each / 1_000) > part - 10).length;
          expect(window.sums(time)).toEqual([expected, expected * 2]);
        }
      }),
    );
  });

  it('counts on where a clock goes back', () => {
    const window = new Window(10_000);
    window.add(50_000, 1, 0);
    window.add(20_000, 1, 0);
    expect(window.sums(20_000)).toEqual([2, 0]);
    expect(window.sums(60_000)).toEqual([0, 0]);
  });
});

describe('RetryBudget', () => {
  const taken = (budget: RetryBudget, time: number, tries: number) =>
    Array.from({ length: tries }, () => budget.take(time)).filter(Boolean).length;

  it('gives a share of the requests of the period', () => {
    const budget = new RetryBudget({ share: 0.2, period: 10_000, minimum: 0 });
    expect(budget.take(0)).toBe(false);
    for (let request = 0; request < 100; request++) budget.request(0);
    expect(taken(budget, 0, 100)).toBe(20);
    expect(taken(budget, 9_000, 100)).toBe(0);
    for (let request = 0; request < 50; request++) budget.request(10_000);
    expect(taken(budget, 10_000, 100)).toBe(10);
  });

  it('gives a few where there were few requests', () => {
    const budget = new RetryBudget({ share: 0.2, period: 10_000, minimum: 3 });
    budget.request(0);
    expect([taken(budget, 0, 10), taken(budget, 10_000, 10)]).toEqual([3, 3]);
  });

  it('bounds what an outage gets: of 1,000 requests that fail, with 3 attempts each, 1,200 calls are made', () => {
    const budget = new RetryBudget({ share: 0.2, period: 10_000, minimum: 10 });
    let calls = 0;
    for (let request = 0; request < 1_000; request++) {
      budget.request(request);
      calls++;
      for (let attempt = 1; attempt < 3 && budget.take(request); attempt++) calls++;
    }
    expect(calls).toBeGreaterThan(1_190);
    expect(calls).toBeLessThanOrEqual(1_210);
  });
});
