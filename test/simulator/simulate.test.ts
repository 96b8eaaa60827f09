import { describe, expect, it } from 'vitest';
import { POLICY_NAMES } from '../../host/dispatch/pool/policy.ts';
import { COSTS } from './constants.ts';
import { steady, type Kind } from './load.ts';
import { always, exponential } from './random.ts';
import { SCENARIOS, type Scenario, type ScenarioName } from './scenarios.ts';
import { DEFAULTS, type Settings } from './settings.ts';
import { simulate } from './simulate.ts';

const ONE: Omit<Scenario, 'calls' | 'kinds'> = {
  title: 'one function',
  hosts: 1,
  functions: 1,
  seconds: 400,
  warmUp: 10,
  zipf: 1,
  spread: 1,
  arrivals: steady,
};
const SMALL = { seed: 3, scale: 0.02 };

describe('the simulator', () => {
  it('agrees with queueing theory where that has an answer: one cell, random calls, exponential work (M/M/1)', async () => {
    const kind: Kind = { cpu: exponential(5 - COSTS.callCpu), wait: always(0), popularity: 1 };
    const one: Settings = { ...DEFAULTS, autoscaling: { ...DEFAULTS.autoscaling, max: 1 }, concurrency: 100_000 };
    const { latency, utilisation, calls } = await simulate({ ...ONE, calls: 120, kinds: [kind] }, one, { seed: 1, scale: 1 });
    // 0.2 calls a ms can be served and 0.12 come, so the time in the system is exponential with 0.08.
    for (const [part, ms] of [
      [0.5, latency.p50],
      [0.95, latency.p95],
      [0.99, latency.p99],
    ] as const) {
      expect(ms / (-Math.log(1 - part) / 0.08)).toBeCloseTo(1, 0.9);
    }
    expect(utilisation * DEFAULTS.cores).toBeCloseTo(0.6, 1);
    expect(calls / 390 / 120).toBeCloseTo(1, 1);
  });

  it('lets calls that wait for something outside pass each other, and has those wait that compute', async () => {
    const settings: Settings = { ...DEFAULTS, autoscaling: { ...DEFAULTS.autoscaling, max: 1 }, concurrency: 100_000 };
    const waits = await simulate({ ...ONE, seconds: 60, calls: 100, kinds: [kindOf(0.1, 500)] }, settings, { seed: 1, scale: 1 });
    expect(waits.delay.p999).toBeLessThan(2);
    const computes = await simulate({ ...ONE, seconds: 60, calls: 100, kinds: [kindOf(9, 0)] }, settings, { seed: 1, scale: 1 });
    expect(computes.delay.p95).toBeGreaterThan(20);
  });

  it('holds a class to its cores: what comes beyond is refused in the end, and what there is of CPU time is used', async () => {
    const settings: Settings = { ...DEFAULTS, cpu: { shared: 1.5 }, queue: { limit: 50, patience: 1_000 } };
    const scenario: Scenario = { ...ONE, seconds: 60, functions: 4, calls: 300, kinds: [kindOf(9, 5)] };
    const held = await simulate(scenario, settings, { seed: 1, scale: 1 });
    // 2.7 cores are asked for.
    expect((held.utilisation * DEFAULTS.cores) / 1.5).toBeCloseTo(1, 1);
    expect(held.shed).toBeCloseTo(1 - 1.5 / 2.7, 1);
    const free = await simulate(scenario, { ...settings, cpu: { shared: 3.5 } }, { seed: 1, scale: 1 });
    expect([free.utilisation * DEFAULTS.cores > 2.6, free.shed]).toEqual([true, 0]);
    expect(free.delay.p99).toBeLessThan(60);
  });

  it('starts a cell for the first call, warm where a blank thread is there', async () => {
    const once = (blanks: number) =>
      simulate({ ...ONE, seconds: 9_000, warmUp: 0, calls: 0.005, kinds: [kindOf(1, 0)] }, { ...DEFAULTS, blanks }, { seed: 2, scale: 1 });
    const [warm, cold] = [await once(1), await once(0)];
    expect(warm.cold).toBeGreaterThan(0.5);
    expect(warm.delay.p95).toBeCloseTo(COSTS.startWarm, 0);
    expect(cold.delay.p95 / COSTS.startCold).toBeCloseTo(1, 1);
  });

  it.each(Object.keys(SCENARIOS) as ScenarioName[])('keeps the bounds of a host under %s calls', async (name) => {
    const settings: Settings = { ...DEFAULTS, budget: 8 * COSTS.cellBytes };
    const scenario: Scenario = { ...SCENARIOS[name], machine: {} };
    const { memory, utilisation, cold, shed, calls } = await simulate(scenario, settings, SMALL);
    expect(calls).toBeGreaterThan(100);
    expect(memory).toBeGreaterThan(0);
    expect(memory).toBeLessThan(8 * 12 + 0.001);
    expect(utilisation).toBeLessThanOrEqual(1);
    for (const part of [cold, shed]) expect(part >= 0 && part <= 1).toBe(true);
  });

  it('gives each policy the same calls', async () => {
    const runs = POLICY_NAMES.map((policy) => simulate(SCENARIOS.heavy, { ...DEFAULTS, policy }, SMALL));
    const counts = await Promise.all(runs);
    // Those that are still under way at the end are not counted.
    const calls = counts.map((outcome) => outcome.calls);
    expect(Math.max(...calls) - Math.min(...calls)).toBeLessThan(0.02 * calls[0]!);
  });

  it('sheds where the queue is full, and answers the rest', async () => {
    const scenario: Scenario = { ...ONE, seconds: 60, calls: 400, kinds: [kindOf(9, 0)] };
    const settings: Settings = { ...DEFAULTS, cores: 2, concurrency: 4, queue: { limit: 10, patience: 1_000 } };
    const { shed, latency, utilisation } = await simulate(scenario, settings, { seed: 1, scale: 1 });
    // Two cores do 222 of these calls a second.
    expect(shed).toBeCloseTo(1 - 222 / 400, 1);
    expect(utilisation).toBeGreaterThan(0.95);
    expect(latency.p999).toBeLessThan(1_000);
  });
});

function kindOf(cpu: number, wait: number): Kind {
  return { cpu: always(cpu), wait: always(wait), popularity: 1 };
}
