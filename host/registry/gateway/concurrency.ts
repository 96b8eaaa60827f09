import { z } from 'zod';
import { must, whole } from '../manifest-fields.ts';
import { countedBy, type CountedBy } from './rate-limit.ts';

/** How many requests may be under way at once, on one host. */
export interface ConcurrencyRule {
  readonly limit: number;
  readonly by: CountedBy;
}

export const concurrency = z.strictObject(
  { limit: whole(1, 1_000_000, 100), by: countedBy.default('address') },
  { error: must('be a table with limit') },
);

export const CONCURRENCY_KEYS = Object.keys(concurrency.shape);
