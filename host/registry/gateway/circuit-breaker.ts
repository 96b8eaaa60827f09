import { z } from 'zod';
import { must, whole } from '../manifest-fields.ts';
import { failures, share, time, type FailureName } from './failures.ts';

/** When a version that fails is called no more for a while. */
export interface CircuitBreakerRule {
  /** The share of requests that failed from which it opens. */
  readonly errors: number;
  /** Milliseconds that are looked at. */
  readonly window: number;
  /** Requests in that time below which it stays closed. */
  readonly minimum: number;
  /** Milliseconds that it stays open. */
  readonly open: number;
  /** Requests that are let through then, at once; all have to succeed for it to close. */
  readonly probes: number;
  readonly on: readonly FailureName[];
  /** While it is not closed, the aliases of the version deal its requests to others, as long as no more than `most` of their weight is out. */
  readonly eject?: { readonly most: number };
}

export const circuitBreaker = z.strictObject(
  {
    errors: share(0.5),
    window: time(1_000, '10m').default(10_000),
    minimum: whole(1, 1_000_000, 20),
    open: time(100, '1h').default(30_000),
    probes: whole(1, 100, 1),
    on: failures.default(['5xx']),
    eject: z
      .preprocess((value) => (value === true ? {} : value), z.strictObject({ most: share(0.5) }, { error: must('be true or a table') }))
      .optional(),
  },
  { error: must('be a table') },
);

export const CIRCUIT_BREAKER_KEYS = Object.keys(circuitBreaker.shape);
