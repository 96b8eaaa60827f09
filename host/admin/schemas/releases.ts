import { z } from '@hono/zod-openapi';
import { Name, Time, VersionNumber } from './fields.ts';
import { apiChanges } from './openapi.ts';
import { WeightedVersion } from './aliases.ts';

/** The shapes of releases, of freezes and of the history of aliases. */

const By = z.string().openapi({
  description: '`token`, `local`, `release N` or `host`; behind it in brackets who the client said it was',
  example: 'token (ci)',
});
const Text = z.string().max(300);

const Measured = z.object({
  requests: z.number(),
  value: z.number().nullable().openapi({ description: 'A share of failed requests, ms, or requests' }),
});

const FigureView = z
  .object({
    term: z.string().openapi({ description: 'A condition of the guard', example: 'error_rate<1%' }),
    old: Measured,
    new: Measured,
    limit: z.number().nullable().openapi({ description: 'What the new version may have' }),
    evidence: z.number().openapi({ description: 'For the new version being worse than that: 1 is none' }),
    needed: z.number().openapi({ description: 'With so much it is rolled back' }),
  })
  .openapi('ReleaseFigure', { description: 'What was measured in the step that the release is at' });

export const ReleaseView = z
  .object({
    function: Name,
    id: z.number().int().positive(),
    alias: Name,
    from: VersionNumber,
    to: VersionNumber,
    steps: z.array(z.number()).openapi({ description: 'Percents of the new version' }),
    every: z.number().openapi({ description: 'How long a step lasts at least, in ms' }),
    guard: z.string(),
    state: z.enum(['scheduled', 'running', 'paused', 'done', 'rolled-back', 'aborted']),
    step: z.number().openapi({ description: 'Of `steps`, from 0; -1 before the first' }),
    weight: z.number().openapi({ description: 'Percent that the new version gets of the alias now' }),
    startAt: Time,
    createdAt: Time,
    by: By,
    why: z.string().nullable(),
    revision: z.number(),
    hold: z.string().nullable().openapi({ description: "Why it waits though its step's time is over" }),
    figures: z.array(FigureView),
    verdict: z.object({ time: Time, reason: z.string() }).nullable().openapi({ description: 'How it ended' }),
    apiChanges,
  })
  .openapi('Release');

export const ReleaseBody = z
  .strictObject({
    alias: z.string().optional().openapi({ description: '`live` where absent' }),
    to: VersionNumber,
    steps: z.array(z.number()).optional().openapi({ description: '100 alone where absent' }),
    every: z.number().int().optional().openapi({ description: 'Ms; five minutes where absent' }),
    guard: Text.optional().openapi({ example: 'error_rate<1% && p95<1.2x' }),
    at: Time.optional().openapi({ description: 'When it begins; now where absent' }),
  })
  .openapi('ReleaseRequest');

export const MoveView = z
  .object({
    time: Time,
    alias: Name,
    from: z.array(WeightedVersion).nullable().openapi({ description: 'null where there was none' }),
    to: z.array(WeightedVersion).nullable().openapi({ description: 'null where it was removed' }),
    revision: z.number(),
    by: By,
    why: z.string().nullable(),
    overrideFreeze: z.string().nullable().openapi({ description: 'Why it was moved in a freeze' }),
  })
  .openapi('AliasMoveEntry');

const Once = z.strictObject({ from: Time, to: Time });
const Again = z.strictObject({
  cron: z.string().max(200).openapi({ description: 'When it begins', example: '0 16 * * FRI' }),
  timezone: z.string().max(100).default('UTC'),
  lasts: z.number().int().openapi({ description: 'Ms' }),
});

export const FreezeBody = z
  .strictObject({
    function: z.string().nullable().default(null).openapi({ description: 'The function that it holds for; null: all' }),
    reason: Text,
    window: z.union([Once, Again]),
  })
  .openapi('FreezeRequest');

export const FreezeView = FreezeBody.extend({
  id: z.string().openapi({ example: 'year-end' }),
  by: By,
  createdAt: Time,
  until: Time.nullable().openapi({ description: 'When it ends, where it holds now' }),
}).openapi('Freeze');

export type ReleaseResult = z.infer<typeof ReleaseView>;
export type ReleaseAsked = z.input<typeof ReleaseBody>;
export type MoveResult = z.infer<typeof MoveView>;
export type FreezeResult = z.infer<typeof FreezeView>;
export type FreezeAsked = z.input<typeof FreezeBody>;
