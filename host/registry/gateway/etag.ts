import { z } from 'zod';
import { must, whole } from '../manifest-fields.ts';

/** An ETag for responses that have none. RFC 9110, section 8.8.3. */
export interface EtagRule {
  /** KiB that a body may have: it is held back until it is there as a whole. */
  readonly max_size_kb: number;
}

const table = z.strictObject({ max_size_kb: whole(1, 16_384, 1_024) }, { error: must('be true or a table') });

/** `true` is a table without keys. */
export const etag = z.preprocess((value) => (value === true ? {} : value), table);

export const ETAG_KEYS = Object.keys(table.shape);
