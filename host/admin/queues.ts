import { createRoute, z } from '@hono/zod-openapi';
import { BrinkError } from '../errors.ts';
import { namedBy, type QueueEntry } from '../registry/queues.ts';
import type { StoredMessage } from '../stores/queue.ts';
import type { AdminDeps } from './deps.ts';
import { redrive } from './redrive.ts';
import { json, problems, QueueParam, type AdminApp } from './route.ts';
import { MessageView, QueueView, type MessageResult, type QueueResult } from './schemas/queues.ts';

const DEFAULT_LIMIT = 20;

export function addQueues(app: AdminApp, { registry, queues: { queue }, queueChanged }: AdminDeps): void {
  app.openapi(listQueues, async (c) => {
    const entries = await known();
    return c.json({ queues: await Promise.all(entries.map(viewOf)) }, 200);
  });

  app.openapi(peekQueue, async (c) => {
    const { queue: name } = await find(c.req.valid('param').queue);
    const messages = await queue.peek(name, c.req.valid('query').limit);
    return c.json({ messages: messages.map(messageView) }, 200);
  });

  app.openapi(purgeQueue, async (c) => {
    const { queue: name } = await find(c.req.valid('param').queue);
    return c.json({ removed: await queue.purge(name) }, 200);
  });

  app.openapi(redriveQueue, async (c) => {
    const { queue: name } = await find(c.req.valid('param').queue);
    const { to = null } = c.req.valid('json');
    if (to === name) throw new BrinkError('bad-request', `The messages of ${name} are there already. Name another queue.`);
    if (to !== null) await find(to);
    return c.json({ moved: await redrive(queue, name, to) }, 200);
  });

  for (const [route, paused] of [
    [pauseQueue, true],
    [resumeQueue, false],
  ] as const) {
    app.openapi(route, async (c) => {
      const { queue: name } = await find(c.req.valid('param').queue);
      await registry.live.pauseQueue(name, paused);
      await queueChanged(name);
      return c.json(await viewOf(await find(name)), 200);
    });
  }

  /** Those that a function names, has named, or that are paused. */
  async function known(): Promise<QueueEntry[]> {
    const [table, records] = await Promise.all([registry.live.queues(), registry.list()]);
    const entries = new Map(table.map((entry) => [entry.queue, entry]));
    for (const name of records.flatMap(namedBy)) if (!entries.has(name)) entries.set(name, { queue: name, function: null, paused: false });
    return [...entries.values()].toSorted((a, b) => (a.queue < b.queue ? -1 : 1));
  }

  async function find(name: string): Promise<QueueEntry> {
    const entry = (await known()).find((each) => each.queue === name);
    if (entry !== undefined) return entry;
    // Of a function that is gone.
    if ((await queue.counts(name)).messages > 0) return { queue: name, function: null, paused: false };
    throw new BrinkError('queue-not-found', `No function names a queue ${JSON.stringify(name)}. \`brink queue ls\` lists what there is.`, {
      details: { queue: name },
    });
  }

  async function viewOf(entry: QueueEntry): Promise<QueueResult> {
    return { ...entry, ...(await queue.counts(entry.queue)) };
  }
}

function messageView({ id, sent, due, attempts, leased, type, body, origin, pin }: StoredMessage): MessageResult {
  const isText = type === 'text' || type === 'json';
  return {
    id,
    sent,
    due,
    attempts,
    leased,
    contentType: type,
    body: isText ? new TextDecoder().decode(body) : base64(body),
    encoding: isText ? 'utf8' : 'base64',
    origin: origin ?? null,
    boundTo: pin,
  };
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

const listQueues = createRoute({
  method: 'get',
  path: '/queues',
  summary: 'Every queue that a function names',
  responses: { 200: json(z.object({ queues: z.array(QueueView) }).openapi('QueueList'), 'In the order of their names'), ...problems },
});

const peekQueue = createRoute({
  method: 'get',
  path: '/queues/{queue}/messages',
  summary: 'The first messages of a queue, which stay where they are',
  request: {
    params: QueueParam,
    query: z.object({ limit: z.coerce.number().int().min(1).max(100).default(DEFAULT_LIMIT) }),
  },
  responses: {
    200: json(z.object({ messages: z.array(MessageView) }).openapi('MessageList'), 'In the order in which they are or become ready'),
    ...problems,
  },
});

const purgeQueue = createRoute({
  method: 'delete',
  path: '/queues/{queue}/messages',
  summary: 'Removes all messages of a queue, also those that a consumer has',
  request: { params: QueueParam },
  responses: { 200: json(z.object({ removed: z.number() }).openapi('Purged'), 'They are gone'), ...problems },
});

const redriveQueue = createRoute({
  method: 'post',
  path: '/queues/{queue}/redrive',
  summary: 'Sends the messages of a dead-letter queue back to where they came from, or to another queue',
  description: 'Messages that came from no queue stay, unless `to` is given. They are delivered as if they were new.',
  request: {
    params: QueueParam,
    body: { required: true, content: { 'application/json': { schema: z.strictObject({ to: z.string().optional() }).openapi('Redrive') } } },
  },
  responses: { 200: json(z.object({ moved: z.number() }).openapi('Redriven'), 'They are on their way'), ...problems },
});

const pauseQueue = createRoute({
  method: 'post',
  path: '/queues/{queue}/pause',
  summary: 'Keeps the messages of a queue back; it takes new ones',
  request: { params: QueueParam },
  responses: { 200: json(QueueView, 'No more batches begin'), ...problems },
});

const resumeQueue = createRoute({
  method: 'post',
  path: '/queues/{queue}/resume',
  summary: 'Has the messages of a queue delivered again',
  request: { params: QueueParam },
  responses: { 200: json(QueueView, 'It goes on'), ...problems },
});
