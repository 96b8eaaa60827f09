import type { Exclusion } from './exclusions.ts';
import type { Directive } from './script.ts';

/** What became of a directive of a test file: `failure` is null where all was as it should be. */
export interface Outcome {
  readonly line: number;
  readonly kind: string;
  /** The export that it calls. */
  readonly call: string | null;
  readonly failure: string | null;
}

export interface Verdict extends Outcome {
  readonly excluded: Exclusion | null;
}

export function outcomeOf(directive: Directive, failure: string | null): Outcome {
  const { line } = directive;
  const kind = directive.kind === 'refused' ? directive.as : directive.kind;
  const called = 'call' in directive ? directive.call : directive.kind === 'trap' && 'args' in directive.of ? directive.of : null;
  return { line, kind, call: called?.name ?? null, failure };
}

export function judge(outcome: Outcome, exclusions: readonly Exclusion[]): Verdict {
  return { ...outcome, excluded: exclusions.find((exclusion) => excludes(exclusion, outcome)) ?? null };
}

function excludes({ calls, failure }: Exclusion, outcome: Outcome): boolean {
  if (calls !== undefined) return outcome.call !== null && calls.includes(outcome.call);
  if (failure !== undefined) return outcome.failure !== null && failure.test(outcome.failure);
  return true;
}
