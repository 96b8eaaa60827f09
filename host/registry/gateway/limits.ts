import { z } from 'zod';
import { must } from '../manifest-fields.ts';
import { time } from './failures.ts';

/** How large a request may be, and how long it and the answer to it may take. */
export interface LimitsRule {
  /** Bytes of the request's body. */
  readonly body?: number;
  /** Bytes of its header: names and values. */
  readonly headers?: number;
  /** Milliseconds until the head of the response, from when the request came; never more than the function's own. */
  readonly deadline?: number;
  /** Bytes of the body that have to come in a second, on average, while someone reads them. */
  readonly min_rate?: number;
  /** Milliseconds of waiting for the client before `min_rate` counts. */
  readonly grace: number;
}

const UNITS: Readonly<Record<string, number>> = { B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30 };

/** Bytes, written as such or as `"16KB"`, `"1MB"`. */
function size(most: number) {
  return z.union([z.string(), z.number()], { error: 'must be a size such as "1MB"' }).transform((value, context) => {
    const bytes = sizeOf(value);
    if (bytes !== null && bytes >= 1 && bytes <= most) return bytes;
    context.issues.push({ code: 'custom', message: `must be a size from 1 to ${most} bytes, such as "16KB" or "1MB"`, input: value });
    return z.NEVER;
  });
}

function sizeOf(value: string | number): number | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : null;
  const [, count, unit] = /^(\d{1,12})(B|KB|MB|GB)$/.exec(value) ?? [];
  return count === undefined ? null : Number(count) * UNITS[unit!]!;
}

const table = z.strictObject(
  {
    body: size(2 ** 40).optional(),
    headers: size(2 ** 20).optional(),
    deadline: time(1, '10m').optional(),
    min_rate: size(2 ** 30).optional(),
    grace: time(100, '10m').default(5_000),
  },
  { error: must('be a table') },
);

export const limitsRule = table.refine(({ grace: _grace, ...rest }) => Object.values(rest).some((value) => value !== undefined), {
  message: 'says nothing; write body, headers, deadline or min_rate',
});

export const LIMITS_KEYS = Object.keys(table.shape);
