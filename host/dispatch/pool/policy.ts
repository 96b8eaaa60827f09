import { latency } from './policies/latency.ts';
import { leastInFlight } from './policies/least-in-flight.ts';
import { roundRobin } from './policies/round-robin.ts';
import { twoChoices } from './policies/two-choices.ts';

/** What a policy sees of a cell that has room for a call. */
export interface Candidate {
  /** Calls under way. */
  readonly inFlight: number;
  /** What `nextLatency` makes of its calls, in ms; 0 where there was none. */
  readonly latency: number;
}

/** Chooses among the cells of one version. It may remember its choices, so each version has one of its own. */
export interface Policy {
  /** The index of the candidate that gets the next call. There is one at least, and all have room. */
  pick(candidates: readonly Candidate[]): number;
}

export type PolicyName = 'round-robin' | 'least-in-flight' | 'two-choices' | 'latency';

const POLICIES: Readonly<Record<PolicyName, (random: () => number) => Policy>> = {
  'round-robin': roundRobin,
  'least-in-flight': leastInFlight,
  'two-choices': twoChoices,
  latency,
};

export const POLICY_NAMES = Object.keys(POLICIES) as readonly PolicyName[];

/** @param random uniform in [0, 1) */
export function createPolicy(name: PolicyName, random: () => number): Policy {
  return POLICIES[name](random);
}

/** How much of a moving average is the newest call. */
const NEWEST = 1 / 8;

/** The moving average after one more call. Both in ms; never 0, which means that there was no call. */
export function nextLatency(average: number, ms: number): number {
  const sample = Math.max(ms, 0.001);
  return average === 0 ? sample : average + (sample - average) * NEWEST;
}
