import { z } from 'zod';
import { list } from '../manifest-fields.ts';
import { durationOf } from '../../timing/duration.ts';

/**
 * A way for a call to fail: a status; `5xx`, any of those; `host`, an error of the host's and not the function's own answer;
 * `connect`, one of those before the function had begun; or the code of one.
 */
export type FailureName = number | string;

/** Codes of errors before the function has begun: whatever is repeated then has not happened yet. */
export const BEFORE_START: readonly string[] = ['cell-start-failed', 'overloaded', 'boot-loop'];

const CODES: readonly string[] = [
  ...BEFORE_START,
  'handler-threw',
  'response-invalid',
  'response-too-large',
  'guest-trapped',
  'cell-crashed',
  'cell-unresponsive',
  'cpu-exceeded',
  'memory-exceeded',
  'subrequests-exceeded',
  'deadline-exceeded',
  'store-unavailable',
  'runtime-unavailable',
  'circuit-open',
  'internal',
];
const GROUPS: readonly string[] = ['5xx', 'host', 'connect'];

const failure = z
  .union([z.int(), z.string()], { error: 'must be a status or a text' })
  .refine(
    (name) => (typeof name === 'number' ? name >= 400 && name <= 599 : GROUPS.includes(name) || CODES.includes(name)),
    `is no way to fail; write a status from 400 to 599, ${[...GROUPS, ...CODES].map((name) => `"${name}"`).join(', ')}`,
  );

export const failures = list(failure).min(1, 'names no way to fail');

/** Milliseconds, written as such or as `"10s"`. */
export function time(least: number, most: string) {
  return z.union([z.string(), z.number()], { error: 'must be a time such as "10s"' }).transform((value, context) => {
    const ms = durationOf(value);
    if (ms !== null && ms >= least && ms <= durationOf(most)!) return ms;
    context.issues.push({ code: 'custom', message: `must be a time from ${least} ms to "${most}"`, input: value });
    return z.NEVER;
  });
}

export function share(byDefault: number) {
  const error = 'must be a share, such as 0.2';
  return z.number({ error }).gt(0, error).max(1, error).default(byDefault);
}
