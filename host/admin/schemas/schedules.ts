import { z } from '@hono/zod-openapi';
import { MAX_TICK } from '../../timing/rules.ts';
import { Name, Time, VersionNumber } from './fields.ts';

export const ScheduledBody = z
  .strictObject({
    cron: z.string().max(200).optional().openapi({ description: "The first of the version's own where absent" }),
    scheduledTime: Time.optional().openapi({ description: 'Now where absent' }),
    reference: z.string().optional().openapi({ description: 'An alias, a number or a digest; `live` where absent' }),
  })
  .openapi('ScheduledInvocation');

export const ScheduledView = z
  .looseObject({ outcome: z.string().openapi({ description: '`ok`, or the code of the error' }), noRetry: z.boolean().optional() })
  .openapi('ScheduledResult');

const ScheduleView = z
  .object({
    function: Name,
    id: z.string().openapi({ description: 'Its name, where the manifest declares it' }),
    declared: z.boolean().openapi({ description: 'Whether the manifest of a live version declares it' }),
    at: Time.optional(),
    cron: z.string().optional(),
    timezone: z.string().optional(),
    every: z.number().optional().openapi({ description: 'Milliseconds' }),
    jitter: z.number().openapi({ description: 'Milliseconds that it may fire later' }),
    overlap: z.enum(['skip', 'queue', 'allow']),
    misfire: z.enum(['skip', 'once', 'all']),
    payload: z.string().optional().openapi({ description: 'JSON text; of those that a manifest declares it is the version that has it' }),
    next: Time.nullable().openapi({ description: 'When it is due next' }),
    running: z.number().openapi({ description: 'Runs that go on' }),
    waiting: z.number().openapi({ description: 'Due times that have come and not begun' }),
  })
  .openapi('Schedule');

export const TickBody = z.object({ ms: z.number().int().min(1).max(MAX_TICK).openapi({ description: 'Milliseconds' }) }).openapi('Tick');
export const TickView = z.object({ from: Time, to: Time }).openapi('Ticked');
export const ScheduleListView = z.object({ schedules: z.array(ScheduleView) }).openapi('ScheduleList');

const RunView = z
  .object({
    function: Name,
    schedule: z.string(),
    declared: z.boolean(),
    due: Time,
    until: Time.optional().openapi({ description: 'Of several that were missed together, the last; `due` is the first' }),
    late: z.number().openapi({ description: 'Milliseconds after it should have fired' }),
    started: Time,
    ended: Time,
    outcome: z.string().openapi({ description: '`ok`, the code of an error, or `missed`, `overlap`, `undeclared`, `crashed`' }),
    attempt: z.number().openapi({ description: '1, and one more after each host that crashed in the middle' }),
    version: VersionNumber.nullable(),
    requestId: z.string().nullable(),
  })
  .openapi('ScheduleRun');

export const RunListView = z.object({ runs: z.array(RunView) }).openapi('ScheduleRunList');
export type ScheduledRequest = z.infer<typeof ScheduledBody>;
export type ScheduledResult = z.infer<typeof ScheduledView>;
export type ScheduleResult = z.infer<typeof ScheduleView>;
export type TickResult = z.infer<typeof TickView>;
export type RunResult = z.infer<typeof RunView>;
