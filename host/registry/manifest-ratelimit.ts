import { z } from 'zod';
import { bindingName, must, text } from './manifest-fields.ts';

const limit = z
  .int({ error: must('be a whole number') })
  .min(1, 'must be at least 1')
  .max(1_000_000_000, 'must be at most 1,000,000,000');

const simple = z.strictObject(
  { limit, period: z.union([z.literal(10), z.literal(60)], { error: 'must be 10 or 60, in seconds' }) },
  { error: must('be a table with limit and period') },
);

/** An item of `ratelimits`. https://developers.cloudflare.com/workers/runtime-apis/bindings/rate-limit/ */
export const rateLimit = z.strictObject(
  {
    name: bindingName,
    namespace_id: text
      .min(1, 'is empty; write a number, in quotes')
      .max(128, 'has more than 128 characters')
      .transform((id) => id.toWellFormed()),
    simple,
  },
  { error: must('be a table with name, namespace_id and simple') },
);

export const RATE_LIMIT_KEYS = Object.keys(rateLimit.shape);
export const SIMPLE_KEYS = Object.keys(simple.shape);
