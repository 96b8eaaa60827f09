import type { Scenario } from './scenarios.ts';
import { simulate } from './simulator.ts';

/** What became of many runs of a scenario. */
export interface Summary {
  readonly name: string;
  readonly good: boolean;
  readonly runs: number;
  readonly done: number;
  readonly rolledBack: number;
  readonly held: number;
  /** Of those that were rolled back, the median: seconds from when the version got bad, and requests that it had by then. */
  readonly seconds: number | null;
  readonly requests: number | null;
  /** Runs in which a test for one look would have said so, with any of the looks. */
  readonly naive: number;
}

export function summaryOf({ name, good, world, ...plan }: Scenario, { runs, seed }: { runs: number; seed: number }): Summary {
  const all = Array.from({ length: runs }, (_, index) => simulate(world, plan, seed * 1_000_003 + index));
  const back = all.filter(({ state }) => state === 'rolled-back');
  return {
    name,
    good,
    runs,
    done: all.filter(({ state }) => state === 'done').length,
    rolledBack: back.length,
    held: all.filter(({ state }) => state === 'held').length,
    seconds: median(back.map(({ after }) => Math.round(after / 100) / 10)),
    requests: median(back.map(({ requests }) => requests)),
    naive: all.filter(({ naive }) => naive).length,
  };
}

function median(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
