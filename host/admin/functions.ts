import { createRoute, z } from '@hono/zod-openapi';
import type { AdminDeps } from './deps.ts';
import { findVersion } from './find.ts';
import { Empty, FunctionParam, json, problems, type AdminApp } from './route.ts';
import { FunctionSummary, FunctionView, ScheduledBody, ScheduledView } from './schemas.ts';
import { functionSummary, functionView } from './views.ts';

export function addFunctions(app: AdminApp, { registry, now, changed, invokeScheduled }: AdminDeps): void {
  app.openapi(listFunctions, async (c) => {
    const { origin } = new URL(c.req.url);
    const records = await registry.list();
    return c.json({ functions: records.map((record) => functionSummary(record, origin)) }, 200);
  });

  app.openapi(getFunction, async (c) => {
    const record = await registry.get(c.req.valid('param').fn);
    return c.json(functionView(record, new URL(c.req.url).origin), 200);
  });

  app.openapi(removeFunction, async (c) => {
    const { fn } = c.req.valid('param');
    await registry.removeFunction(fn);
    changed(fn);
    return c.json({}, 200);
  });

  app.openapi(runScheduled, async (c) => {
    const { fn } = c.req.valid('param');
    const { cron, scheduledTime = now(), reference = 'live' } = c.req.valid('json');
    const version = findVersion(await registry.get(fn), reference);
    const event = { cron: cron ?? version.crons[0] ?? '', scheduledTime };
    return c.json(await invokeScheduled(fn, reference, event), 200);
  });
}

const listFunctions = createRoute({
  method: 'get',
  path: '/functions',
  summary: 'Every function',
  responses: {
    200: json(z.object({ functions: z.array(FunctionSummary) }).openapi('FunctionList'), 'In the order of their names'),
    ...problems,
  },
});

const getFunction = createRoute({
  method: 'get',
  path: '/functions/{fn}',
  summary: 'One function with its versions and aliases',
  request: { params: FunctionParam },
  responses: { 200: json(FunctionView, 'The function'), ...problems },
});

const removeFunction = createRoute({
  method: 'delete',
  path: '/functions/{fn}',
  summary: 'Removes a function with its versions, aliases and routes',
  request: { params: FunctionParam },
  responses: { 200: json(Empty, 'It is gone'), ...problems },
});

const runScheduled = createRoute({
  method: 'post',
  path: '/functions/{fn}/scheduled',
  summary: 'Runs the scheduled handler now, and waits for it',
  request: { params: FunctionParam, body: { required: true, content: { 'application/json': { schema: ScheduledBody } } } },
  responses: { 200: json(ScheduledView, 'It has run'), ...problems },
});
