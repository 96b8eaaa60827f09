import { z } from 'zod';
import { flag, list, must, outboundHost, text, whole } from './manifest-fields.ts';
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
  /** Who is told by HTTP of each one that has ended. */
  readonly callback?: ManifestCallback;
}

export interface ManifestCallback {
  /** Where a client asks for no other. */
  readonly url?: string;
  /** Hosts that a client may ask for. */
  readonly hosts: readonly string[];
  /** The function's secret that signs. */
  readonly secret: string;
  /** 1 to 20, and 10 by default. */
  readonly max_attempts: number;
  /** Seconds until the second attempt, about, and doubled for each one after it, at most an hour: 0 to 3,600, and 5 by default. */
  readonly retry_delay: number;
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

const callback = z
  .strictObject(
    {
      url: text.refine(isCallbackUrl, 'is not a URL of http or https, without a password').optional(),
      hosts: list(outboundHost).default([]),
      secret: text.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is not the name of a secret'),
      max_attempts: whole(1, 20, 10),
      retry_delay: whole(0, 3_600, 5),
    },
    { error: must('be a table') },
  )
  .refine(({ url, hosts }) => url !== undefined || hosts.length > 0, {
    error: 'leads nowhere; give it a url, or hosts that clients may ask for',
  });

function isCallbackUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

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
    callback: callback.optional(),
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
export const CALLBACK_KEYS = Object.keys(callback.shape);
export const IDEMPOTENCY_KEYS = Object.keys(idempotency.shape);
