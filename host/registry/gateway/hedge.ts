import { z } from 'zod';
import { must, whole } from '../manifest-fields.ts';
import { failures, type FailureName } from './failures.ts';
import { retryBudget, type RetryBudgetRule } from './retry.ts';

/** Another call of a request whose first one takes long: whichever answers first counts. */
export interface HedgeRule {
  /** Milliseconds before another call is made. */
  readonly after_ms: number;
  /** Calls besides the first. */
  readonly max: number;
  /** An answer that does not count while another call may have a better one. */
  readonly on: readonly FailureName[];
  readonly budget: RetryBudgetRule;
}

const after = 'must be a whole number of milliseconds, 1 to 3,600,000';

export const hedge = z.strictObject(
  {
    after_ms: z.int({ error: after }).min(1, after).max(3_600_000, after),
    max: whole(1, 3, 1),
    on: failures.default(['5xx']),
    budget: retryBudget.prefault({}),
  },
  { error: must('be a table with after_ms') },
);

export function keysOfHedge(inner: PropertyKey | undefined): string[] {
  return Object.keys(inner === 'budget' ? retryBudget.shape : hedge.shape);
}
