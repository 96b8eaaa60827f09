import { createRoute, z } from '@hono/zod-openapi';
import type { AdminDeps } from './deps.ts';
import { findVersion } from './find.ts';
import { movingHand } from './hand.ts';
import { Empty, FunctionParam, json, problems, type AdminApp } from './route.ts';
import type { QueueBatch, QueueMessage } from '../dispatch/cell.ts';
import { FunctionSummary, FunctionView } from './schemas/functions.ts';
import { QueueInvocationBody, QueueInvocationView, type QueueInvocationRequest, type QueueInvocationResult } from './schemas/queues.ts';
import { ScheduledBody, ScheduledView } from './schemas/schedules.ts';
import { functionSummary, functionView } from './views.ts';

export function addFunctions(app: AdminApp, { registry, freezes, shadows, now, changed, invokeScheduled, invokeQueue }: AdminDeps): void {
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
    await movingHand(c.req.raw, fn, freezes);
    const record = await registry.find(fn);
    await registry.removeFunction(fn);
    changed(fn);
    if (record !== null) await shadows.removed(record);
    return c.json({}, 200);
  });

  app.openapi(runScheduled, async (c) => {
    const { fn } = c.req.valid('param');
    const { cron, scheduledTime = now(), reference = 'live' } = c.req.valid('json');
    const version = findVersion(await registry.get(fn), reference);
    const event = { cron: cron ?? version.crons[0] ?? '', scheduledTime };
    return c.json(await invokeScheduled(fn, reference, event), 200);
  });

  app.openapi(runQueue, async (c) => {
    const { fn } = c.req.valid('param');
    const { queue, messages, reference = 'live' } = c.req.valid('json');
    const { queues } = findVersion(await registry.get(fn), reference);
    const batch = madeBatch(queue ?? queues?.consumes[0] ?? '', messages, now());
    const { said, failure, version } = await invokeQueue(fn, reference, batch);
    return c.json({ outcome: failure?.code ?? 'ok', version, messages: resultsOf(batch, said, failure === null) }, 200);
  });
}

/** A batch that is in no queue. */
function madeBatch(queue: string, messages: QueueInvocationRequest['messages'], timestamp: number): QueueBatch {
  const made = messages.map(({ body, attempts = 1 }, index): QueueMessage => {
    const bytes = new TextEncoder().encode(JSON.stringify(body ?? null));
    return { id: String(index + 1).padStart(32, '0'), timestamp, attempts, type: 'json', body: bytes };
  });
  const bytes = made.reduce((sum, { body }) => sum + body.byteLength, 0);
  return { queue, messages: made, backlog: { messages: made.length, bytes, oldest: timestamp } };
}

/** What became of each message. */
function resultsOf({ messages }: QueueBatch, said: readonly number[], well: boolean): QueueInvocationResult['messages'] {
  const words = new Map<number, number>();
  for (let at = 0; at + 1 < said.length; at += 2) if (!words.has(said[at]!)) words.set(said[at]!, said[at + 1]!);
  return messages.map(({ id }, index) => {
    const word = words.get(index);
    const acked = word === undefined ? well : word === -1;
    return { id, result: acked ? 'ack' : 'retry', delaySeconds: word !== undefined && word >= 0 ? word : null };
  });
}

const runQueue = createRoute({
  method: 'post',
  path: '/functions/{fn}/queue',
  summary: 'Runs the queue handler with a batch that is in no queue, and waits for it',
  request: { params: FunctionParam, body: { required: true, content: { 'application/json': { schema: QueueInvocationBody } } } },
  responses: { 200: json(QueueInvocationView, 'It has run'), ...problems },
});

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
