import { z } from 'zod';
import { must, text } from './manifest-fields.ts';

/** As `host/dispatch/pool/policy.ts` has them. */
export const POLICIES = ['round-robin', 'least-in-flight', 'two-choices', 'latency'] as const;

const MAX_MS = 600_000;
const MAX_IDLE_MS = 24 * 3_600_000;

function number(least: number, most: number) {
  const error = `must be a whole number, ${least} to ${most}`;
  return z.int({ error }).min(least, error).max(most, error).optional();
}

/** `[scaling]`: how many cells a version has, and which calls they take. What is left out is the host's to say. */
export const scaling = z
  .strictObject(
    {
      concurrency: number(1, 100_000),
      min_cells: number(0, 1_000),
      max_cells: number(1, 1_000),
      policy: z.enum(POLICIES, { error: `must be ${POLICIES.map((name) => `"${name}"`).join(' or ')}` }).optional(),
      queue: number(0, 1_000_000),
      queue_ms: number(1, MAX_MS),
      idle_ms: number(1_000, MAX_IDLE_MS),
      class: text
        .regex(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/, 'is not the name of a class; write one such as "shared" or "dedicated"')
        .optional(),
    },
    { error: must('be a table') },
  )
  .refine(({ min_cells = 0, max_cells = Infinity }) => min_cells <= max_cells, {
    error: 'must not be more than max_cells',
    path: ['min_cells'],
  });

export const SCALING_KEYS = Object.keys(scaling.shape);

/** `[health]`: what a new version has to answer before an alias leads to it. */
export const health = z.strictObject(
  {
    path: text
      .max(2_000, 'has more than 2000 characters')
      .refine((path) => path.startsWith('/') && URL.canParse(`http://localhost${path}`), 'is not a path; write one such as "/healthz"'),
    timeout_ms: number(1, 60_000),
  },
  { error: must('be a table') },
);

export const HEALTH_KEYS = Object.keys(health.shape);
