import { z } from 'zod';
import { flag, list, must, text, whole } from './manifest-fields.ts';
import { queueName } from './manifest-queues.ts';

export interface ManifestAsync {
  readonly enabled: boolean;
  /** How often such a request is tried: 1 to 100, and 4 by default. */
  readonly max_attempts: number;
  /** Seconds until the second attempt, doubled for each one after it, at most an hour: 0 to 3,600, and 1 by default. */
  readonly retry_delay: number;
  /** Seconds that a result is kept: 1 to 30 days, and a day by default. */
  readonly result_ttl: number;
  /** Requests that have no result yet: 1 to 100,000, and 1,000 by default. */
  readonly max_pending: number;
  /** Queues that are told of each one that is done, and of each one that has failed. */
  readonly on_success?: string;
  readonly on_failure?: string;
}

export interface ManifestIdempotency {
  readonly enabled: boolean;
  /** Whether a request without a key is refused. */
  readonly required: boolean;
  readonly methods: readonly string[];
  /** Seconds that a key and its answer are kept: 1 to 30 days, and a day by default. */
  readonly ttl: number;
}

const DAY = 86_400;

/** `async`: requests that are answered before they are handled. RFC 7240, section 4.1. */
export const asyncCalls = z.strictObject(
  {
    enabled: flag.default(false),
    max_attempts: whole(1, 100, 4),
    retry_delay: whole(0, 3_600, 1),
    result_ttl: whole(1, 30 * DAY, DAY),
    max_pending: whole(1, 100_000, 1_000),
    on_success: queueName.optional(),
    on_failure: queueName.optional(),
  },
  { error: must('be a table') },
);

const method = text.regex(/^[A-Z]{1,16}$/, 'is not a method; write it in capitals, such as "POST"');

/** `idempotency`: what `Idempotency-Key` means. https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/ */
export const idempotency = z.strictObject(
  {
    enabled: flag.default(false),
    required: flag.default(false),
    methods: list(method).default(['POST', 'PATCH']),
    ttl: whole(1, 30 * DAY, DAY),
  },
  { error: must('be a table') },
);

export const ASYNC_KEYS = Object.keys(asyncCalls.shape);
export const IDEMPOTENCY_KEYS = Object.keys(idempotency.shape);
