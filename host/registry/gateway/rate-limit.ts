import { z } from 'zod';
import { durationOf } from '../../timing/duration.ts';
import { must, text } from '../manifest-fields.ts';
import { headerName } from './match.ts';

/** How much may come in how long. */
export interface RateLimitRule {
  /** The policy's name in `RateLimit` and `RateLimit-Policy`; those of one function with one name count together. */
  readonly name: string;
  /** Requests. */
  readonly limit: number;
  /** Milliseconds. */
  readonly period: number;
  /** `token-bucket`: `burst` at once, and then evenly. `sliding-window`: at most `limit` in any `period`, by the weights of two. */
  readonly algorithm: 'token-bucket' | 'sliding-window';
  /** Requests that a full bucket has; as many as `limit` by default. */
  readonly burst?: number;
  readonly by: CountedBy;
}

/** Who counts as one: the client's address, whoever `auth` has found, a header's value, or all together. */
export type CountedBy = 'address' | 'principal' | 'function' | { readonly header: string };

const MAX_PERIOD = 31 * 86_400_000;

export const countedBy = z.union([z.literal(['address', 'principal', 'function']), z.strictObject({ header: headerName })], {
  error: 'must be "address", "principal", "function" or a table with header',
});

const period = z.union([z.string(), z.number()], { error: must('be a time such as "1m"') }).transform((value, context) => {
  const ms = durationOf(value);
  if (ms !== null && ms >= 1_000 && ms <= MAX_PERIOD) return ms;
  context.issues.push({ code: 'custom', message: 'must be a time from "1s" to "31d"', input: value });
  return z.NEVER;
});

const limit = z
  .int({ error: 'must be a whole number of requests' })
  .min(1, 'must be at least 1')
  .max(1_000_000_000, 'must be at most 1,000,000,000');

const one = z
  .strictObject(
    {
      // RFC 9651: it is a string in the fields that say it.
      name: text.regex(/^[A-Za-z][\w.-]{0,63}$/, 'is no name; write letters, digits, _, . and -').default('default'),
      limit,
      period,
      algorithm: z
        .enum(['token-bucket', 'sliding-window'], { error: 'must be "token-bucket" or "sliding-window"' })
        .default('token-bucket'),
      burst: limit.optional(),
      by: countedBy.default('address'),
    },
    { error: must('be a table with limit and period') },
  )
  .refine(({ algorithm, burst }) => algorithm === 'token-bucket' || burst === undefined, {
    path: ['burst'],
    message: 'goes with a token bucket alone',
  });

/** One or several, which all have to let a request through. */
export const rateLimit = z.preprocess(
  (value) => (Array.isArray(value) ? value : [value]),
  z
    .array(one)
    .min(1, 'has no limit')
    .max(10, 'has more than 10 limits')
    .refine((rules) => new Set(rules.map(({ name }) => name)).size === rules.length, 'has a name twice'),
);

export const RATE_LIMIT_KEYS = ['name', 'limit', 'period', 'algorithm', 'burst', 'by'];
