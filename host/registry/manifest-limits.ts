import { z } from 'zod';
import { must } from './manifest-fields.ts';

const DEFAULT_DEADLINE = 30_000;
const MAX_DEADLINE = 600_000;
/** As on Workers. https://developers.cloudflare.com/workers/wrangler/configuration/#limits */
const MAX_CPU = 300_000;
const MANY = 1_000_000_000;

/** Keys that a manifest does not have stay out of it: they are those of `host/cell/limits.ts`, and the digest of what was published before stays. */
export const limits = z.strictObject(
  {
    deadline_ms: z
      .int({ error: must(`be a whole number of milliseconds, 1 to ${MAX_DEADLINE}`) })
      .min(1, `must be at least 1`)
      .max(MAX_DEADLINE, `must be at most ${MAX_DEADLINE}`)
      .default(DEFAULT_DEADLINE),
    operations_per_second: between(1, MANY),
    cpu_ms: between(1, MAX_CPU),
    memory_mb: between(8, 4_096),
    subrequests: between(1, 10_000_000),
    connections: between(1, 1_000),
    request_body_mb: between(1, 1_000_000),
    response_body_mb: between(1, 1_000_000),
    log_lines: between(1, 1_000_000),
    log_lines_per_second: between(1, 1_000_000),
  },
  { error: must('be a table') },
);

function between(least: number, most: number): z.ZodOptional<z.ZodInt> {
  const error = `must be a whole number, ${least} to ${most}`;
  return z.int({ error }).min(least, error).max(most, error).optional();
}
