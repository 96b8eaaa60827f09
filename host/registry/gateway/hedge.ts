import { z } from 'zod';
import { must, whole } from '../manifest-fields.ts';
import { failures, type FailureName } from './failures.ts';
import { retryBudget, type RetryBudgetRule } from './retry.ts';

/** Another call of a request whose first one takes long: whichever answers first counts. */
export interface HedgeRule {
  /** Milliseconds before another call is made; with `percentile` at least so many, and until enough is known. */
  readonly after_ms?: number;
  /** Before that, as long as so many percent of the calls of one route took. Nothing is known before 100 of them. */
  readonly percentile?: number;
  /** Calls besides the first. */
  readonly max: number;
  /** An answer that does not count while another call may have a better one. */
  readonly on: readonly FailureName[];
  readonly budget: RetryBudgetRule;
}

const after = 'must be a whole number of milliseconds, 1 to 3,600,000';

const percent = 'must be a number of percent, 50 to 99.9';

const table = z.strictObject(
  {
    after_ms: z.int({ error: after }).min(1, after).max(3_600_000, after).optional(),
    percentile: z.number({ error: percent }).min(50, percent).max(99.9, percent).optional(),
    max: whole(1, 3, 1),
    on: failures.default(['5xx']),
    budget: retryBudget.prefault({}),
  },
  { error: must('be a table with after_ms or percentile') },
);

export const hedge = table.refine(({ after_ms: ms, percentile }) => (ms ?? percentile) !== undefined, {
  message: 'does not say when; write after_ms or percentile',
});

export function keysOfHedge(inner: PropertyKey | undefined): string[] {
  return Object.keys(inner === 'budget' ? retryBudget.shape : table.shape);
}
