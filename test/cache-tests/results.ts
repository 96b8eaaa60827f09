import { readFileSync } from 'node:fs';
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Suite } from './suite.ts';

export type OutcomeWord =
  'untested' | 'pass' | 'fail' | 'optional_fail' | 'yes' | 'no' | 'setup_fail' | 'harness_fail' | 'dependency_fail' | 'retry';

/** How one test went. */
export interface Outcome {
  readonly id: string;
  readonly kind: 'required' | 'optimal' | 'check';
  readonly outcome: OutcomeWord;
  readonly message: string;
}

export interface Counts {
  readonly required: number;
  readonly optimal: number;
  /** Not judged: what a cache does where it may do either. */
  readonly 'checks: yes': number;
}

/** Tests that pass. */
export function countsOf(outcomes: readonly Outcome[]): Counts {
  const count = (kind: string, word: OutcomeWord) => outcomes.filter((one) => one.kind === kind && one.outcome === word).length;
  return { required: count('required', 'pass'), optimal: count('optimal', 'pass'), 'checks: yes': count('check', 'yes') };
}

export function totalOf({ required, optimal }: Counts): number {
  return required + optimal;
}

/** What the suite has of other caches. */
export function published(root: string, suite: Suite): { readonly name: string; readonly outcomes: readonly Outcome[] }[] {
  return globSync('results/*.json', { cwd: root })
    .toSorted()
    .map((file) => ({
      name: basename(file, '.json'),
      outcomes: suite.outcomes(JSON.parse(readFileSync(join(root, file), 'utf8')) as Record<string, unknown>),
    }));
}
