import { describe, expect, it } from 'vitest';
import type { World } from './simulator.ts';
import { summaryOf } from './summary.ts';

const PLAN = { steps: [10, 50, 100], every: 60_000, patience: 600_000, guard: 'error_rate<1% && p95<1.2x' };
const of = (world: Partial<World>, runs: number, guard = PLAN.guard) =>
  summaryOf({ ...PLAN, guard, name: '', good: true, world: { rate: 20, errors: () => 0.001, ...world } }, { runs, seed: 3 });

/** `npm run simulate-guard` prints more of it. */
describe('the guard, in simulation', () => {
  it.each([
    ['one in a thousand fails', {}, PLAN.guard],
    ['as many fail as may', { errors: () => 0.0099 }, PLAN.guard],
    [
      'both are in trouble now and then',
      { errors: (time: number) => (Math.floor(time / 30_000) % 2 === 0 ? 0.001 : 0.2) },
      'error_rate<1x && p50<1x',
    ],
  ])('rolls back at most one of a hundred versions that are as good: %s', (_name, world, guard) => {
    const { rolledBack, runs } = of(world, 60, guard);
    // What is promised is exceeded so in one of a thousand simulations.
    expect(rolledBack).toBeLessThanOrEqual(runs * 0.01 + 4);
  });

  it('takes good versions live', () => expect(of({}, 50)).toMatchObject({ done: 50, seconds: null }));

  it.each([
    ['5 % fail', { more: 0.05 }, { requests: 300, seconds: 180 }],
    ['half fail', { more: 0.5 }, { requests: 40, seconds: 20 }],
    ['it takes twice as long', { slower: 2 }, { requests: 300, seconds: 120 }],
    ['5 % fail from the second step on', { more: 0.05, fromStep: 1 }, { requests: 400, seconds: 60 }],
  ])('rolls back those that are not: %s', (_name, world, within) => {
    const { rolledBack, runs, requests, seconds } = of(world, 30);
    expect(rolledBack).toBe(runs);
    expect(requests).toBeLessThan(within.requests);
    expect(seconds).toBeLessThan(within.seconds);
  });
});
