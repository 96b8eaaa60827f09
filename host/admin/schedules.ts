import { createRoute, z } from '@hono/zod-openapi';
import type { ManagedSchedule } from '../bindings/schedules/management.ts';
import { BrinkError } from '../errors.ts';
import type { AdminDeps } from './deps.ts';
import { Empty, FunctionParam, json, problems, ScheduleParam, type AdminApp } from './route.ts';
import { RunListView, ScheduleListView, type ScheduleResult } from './schemas/schedules.ts';

const RUNS = 50;
const MAX_RUNS = 500;

export function addSchedules(app: AdminApp, { registry, schedules }: AdminDeps): void {
  /** Of a function that is there. */
  const triggerOf = async (name: string) => {
    await registry.get(name);
    if (schedules !== null) return schedules;
    throw new BrinkError('unsupported', 'This host was deployed with --static: Cloudflare keeps the times of its crons.');
  };

  app.openapi(listSchedules, async (c) => {
    const { fn } = c.req.valid('param');
    const listed = await (await triggerOf(fn)).list(fn);
    return c.json({ schedules: listed.map((schedule) => scheduleView(fn, schedule)) }, 200);
  });

  app.openapi(listRuns, async (c) => {
    const { fn } = c.req.valid('param');
    const { limit, schedule } = c.req.valid('query');
    const runs = await (await triggerOf(fn)).runs(fn, { limit, ...(schedule !== undefined && { schedule }) });
    return c.json({ runs: runs.map((run) => ({ function: fn, ...run })) }, 200);
  });

  app.openapi(cancelSchedule, async (c) => {
    const { fn, id } = c.req.valid('param');
    const trigger = await triggerOf(fn);
    if (await trigger.cancel(fn, id)) return c.json({}, 200);
    const declared = (await trigger.list(fn)).some((each) => each.declared && each.id === id);
    const wayOut = declared
      ? `Its manifest declares ${JSON.stringify(id)}; publish a version without it.`
      : `\`brink schedules ls ${fn}\` lists what it has.`;
    throw new BrinkError('schedule-not-found', `${fn} has made no schedule ${JSON.stringify(id)}. ${wayOut}`, {
      details: { function: fn, schedule: id },
    });
  });
}

function scheduleView(name: string, { payload, ...schedule }: ManagedSchedule): ScheduleResult {
  return { function: name, ...schedule, ...(payload !== undefined && { payload: JSON.stringify(payload) }) };
}

const listSchedules = createRoute({
  method: 'get',
  path: '/functions/{fn}/schedules',
  summary: "A function's schedules",
  request: { params: FunctionParam },
  responses: { 200: json(ScheduleListView, 'Those that its live versions declare, then those that it made'), ...problems },
});

const listRuns = createRoute({
  method: 'get',
  path: '/functions/{fn}/runs',
  summary: "What became of the due times of a function's schedules",
  request: {
    params: FunctionParam,
    query: z.object({
      limit: z.coerce
        .number()
        .int()
        .min(1)
        .max(MAX_RUNS)
        .default(RUNS)
        .openapi({ description: `At most ${MAX_RUNS}` }),
      schedule: z.string().optional().openapi({ description: 'Of this one alone: its id, or its name' }),
    }),
  },
  responses: { 200: json(RunListView, 'The newest first; about 500 are kept'), ...problems },
});

const cancelSchedule = createRoute({
  method: 'delete',
  path: '/functions/{fn}/schedules/{id}',
  summary: 'Cancels a schedule that the function made',
  request: { params: ScheduleParam },
  responses: { 200: json(Empty, 'It is gone; a run that has begun goes on'), ...problems },
});
