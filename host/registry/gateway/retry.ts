import { z } from 'zod';
import { list, must, whole } from '../manifest-fields.ts';
import { failures, share, time, type FailureName } from './failures.ts';
import { methodName } from './match.ts';

/** Calls that failed and are made once more. */
export interface RetryRule {
  /** Calls of the function for one request, the first among them. */
  readonly attempts: number;
  /** What one of them has; without it what the function's deadline leaves, which counts over all of them. */
  readonly per_try_ms?: number;
  readonly methods: readonly string[];
  readonly on: readonly FailureName[];
  /** Bytes of a body that is kept to be sent again; a request with a longer one is tried once. */
  readonly max_body: number;
  readonly backoff: {
    /** Milliseconds, that the time before the first repetition is below; it doubles with each. */
    readonly base: number;
    /** Milliseconds at most, also of a `Retry-After`: what asks for more is not repeated. */
    readonly most: number;
  };
  readonly budget: RetryBudgetRule;
}

/** So that repetitions do not multiply what an outage is made of. */
export interface RetryBudgetRule {
  /** Repetitions for each request of the period. */
  readonly share: number;
  /** Milliseconds. */
  readonly period: number;
  /** Repetitions in a period that there may be however few requests there are. */
  readonly minimum: number;
}

/** RFC 9110, section 9.2.2; `Request` knows no TRACE. */
const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'];

const backoff = z.strictObject({ base: time(1, '10s').default(25), most: time(1, '30s').default(1_000) }, { error: must('be a table') });
export const retryBudget = z.strictObject(
  { share: share(0.2), period: time(1_000, '10m').default(10_000), minimum: whole(0, 10_000, 10) },
  { error: must('be a table') },
);

export const retry = z.strictObject(
  {
    attempts: whole(2, 5, 3),
    per_try_ms: z
      .int({ error: 'must be a whole number of milliseconds' })
      .min(1, 'must be at least 1')
      .max(3_600_000, 'must be at most 3,600,000')
      .optional(),
    methods: list(methodName.refine((name) => name !== 'TRACE' && name !== 'CONNECT', 'is not repeated'))
      .min(1, 'names no method')
      .default(IDEMPOTENT),
    on: failures.default(['connect', 'cell-crashed', 502, 503, 504]),
    max_body: whole(0, 1_048_576, 65_536),
    backoff: backoff.prefault({}),
    budget: retryBudget.prefault({}),
  },
  { error: must('be a table') },
);

export function keysOfRetry(inner: PropertyKey | undefined): string[] {
  if (inner === 'backoff') return Object.keys(backoff.shape);
  return Object.keys(inner === 'budget' ? retryBudget.shape : retry.shape);
}
