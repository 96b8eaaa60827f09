import { afterEach, describe, expect, it } from 'vitest';
import type {
  ExecutionContext,
  KVNamespace,
  LockManager,
  MessageBatch,
  Queue,
  R2Bucket,
  ScheduledController,
  Schedules,
} from '../../../sdk/index.ts';
import { createTestEnv, type TestEnv, type TestEnvOptions } from '../../../sdk/testing/index.ts';

interface Env {
  readonly KV: KVNamespace;
  readonly LOCKS: LockManager;
  readonly JOBS: Queue;
  readonly SCHEDULES: Schedules;
}

const START = Date.parse('2026-03-29T00:59:00Z');
const MINUTE = 60_000;
const ALL = { KV: 'kv', LOCKS: 'locks', JOBS: 'queue', SCHEDULES: 'schedules' } as const;

const open: TestEnv<Env>[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function made(handler: object | undefined, options: TestEnvOptions = {}): Promise<TestEnv<Env>> {
  const test = await createTestEnv<Env>({ bindings: ALL, now: START, ...(handler && { handler }), ...options });
  open.push(test);
  return test;
}

describe('crons and schedules', () => {
  it('run at their times, each once and in order', async () => {
    const ran: unknown[] = [];
    const { clock, env } = await made(
      {
        scheduled({ cron, id, scheduledTime, payload }: ScheduledController) {
          ran.push([cron || id, (scheduledTime - START) / MINUTE, (clock.now() - START) / MINUTE, payload]);
        },
      },
      {
        config: {
          triggers: { crons: ['0 * * * *'] },
          schedules: [{ name: 'often', every: '30m', payload: { n: 1 } }],
        },
      },
    );
    await env.SCHEDULES.create({ id: 'mine', at: new Date(START + 45 * MINUTE), payload: 'own' });
    expect(ran).toEqual([]);
    await clock.advance('1h1m');
    expect(ran).toEqual([
      ['0 * * * *', 1, 1, undefined],
      ['often', 30, 30, { n: 1 }],
      ['mine', 45, 45, 'own'],
      ['often', 60, 60, { n: 1 }],
      ['0 * * * *', 61, 61, undefined],
    ]);
    expect(await env.SCHEDULES.list()).toEqual([]);
  });

  it('follow their time zone where clocks are set forward', async () => {
    const ran: string[] = [];
    const { clock } = await made(
      { scheduled: () => void ran.push(new Date(clock.now()).toISOString()) },
      { config: { schedules: [{ cron: '30 2 * * *', timezone: 'Europe/Berlin' }] } },
    );
    await clock.advance('1d');
    expect(ran).toEqual(['2026-03-29T01:00:00.000Z', '2026-03-30T00:30:00.000Z']);
  });

  it('found late after a jump, run as their misfire says', async () => {
    const ran: number[] = [];
    const { clock } = await made(
      { scheduled: ({ scheduledTime }: ScheduledController) => void ran.push((scheduledTime - START) / MINUTE) },
      { config: { triggers: { crons: ['* * * * *'] } } },
    );
    await clock.jump('1h30s');
    expect(ran).toEqual([60]);
  });

  it('whose handler throws, have advance() throw it, and go on', async () => {
    let runs = 0;
    const handler = {
      scheduled(_: unknown, _env: Env, ctx: ExecutionContext) {
        if (++runs === 1) throw new RangeError('first');
        if (runs === 2) ctx.waitUntil(Promise.reject(new RangeError('second')));
      },
    };
    const { clock } = await made(handler, { config: { triggers: { crons: ['* * * * *'] } } });
    await expect(clock.advance('2m')).rejects.toMatchObject({ errors: [{ message: 'first' }, { message: 'second' }] });
    await clock.advance('1m');
    expect(runs).toBe(3);
  });

  it('wait for real work of their handlers, and for held time where they need a lock', async () => {
    const log: string[] = [];
    const { clock, env } = await made(
      {
        async scheduled(_: unknown, { LOCKS }: Env) {
          await new Promise((resolve) => setTimeout(resolve, 10));
          log.push('worked');
          await LOCKS.request('a', { wait: 90_000 }, () => {}).catch((error: Error) =>
            log.push(`${error.name} ${(clock.now() - START) / MINUTE}`),
          );
        },
      },
      { config: { schedules: [{ every: '10m' }] } },
    );
    await env.LOCKS.acquire('a');
    await clock.advance('10m');
    expect(log).toEqual(['worked']);
    await clock.advance('2m');
    expect(log).toEqual(['worked', 'TimeoutError 11.5']);
  });

  it('are not run where there is no handler', async () => {
    const { clock } = await made(undefined, { config: { triggers: { crons: ['* * * * *'] } } });
    await clock.advance('1h');
    const { clock: other } = await made({ fetch: () => new Response() }, { config: { triggers: { crons: ['* * * * *'] } } });
    await expect(other.advance('1m')).rejects.toThrow('The main module has no scheduled handler.');
  });
});

describe('queues', () => {
  it('deliver what was sent, in batches, when its time has come', async () => {
    const got: unknown[] = [];
    const { env, clock, settle, messages } = await made({
      queue(batch: MessageBatch) {
        got.push([batch.queue, (clock.now() - START) / 1000, batch.messages.map(({ body }) => body)]);
      },
    });
    await env.JOBS.send({ n: 1 });
    await env.JOBS.send('late', { delaySeconds: 60 });
    await settle();
    expect(got).toEqual([]);
    expect(await messages('jobs')).toEqual([
      { id: expect.stringMatching(/^[0-9a-f]{32}$/) as string, body: { n: 1 }, timestamp: new Date(START), attempts: 0 },
      { id: expect.any(String) as string, body: 'late', timestamp: new Date(START), attempts: 0 },
    ]);
    await clock.advance('5s');
    expect(got).toEqual([['jobs', 5, [{ n: 1 }]]]);
    await env.JOBS.sendBatch(Array.from({ length: 10 }, (_, n) => ({ body: n })));
    await settle();
    expect(got[1]).toEqual(['jobs', 5, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]);
    await clock.advance('1m');
    expect(got[2]).toEqual(['jobs', 65, ['late']]);
    expect(await messages('jobs')).toEqual([]);
  });

  it('retry what a handler refuses, and put it among the dead letters at last', async () => {
    const attempts: number[] = [];
    const queues = {
      producers: [{ binding: 'JOBS', queue: 'jobs' }],
      consumers: [{ queue: 'jobs', max_batch_timeout: 0, max_retries: 2, retry_delay: 30, dead_letter_queue: 'dead' }],
    };
    const handler = {
      queue({ messages: [first] }: MessageBatch) {
        attempts.push(first!.attempts);
        throw new RangeError('no');
      },
    };
    const { env, clock, settle, messages, retried } = await made(handler, { bindings: {}, config: { queues } });
    await env.JOBS.send('a');
    await settle();
    expect([attempts, retried]).toEqual([[1], [new RangeError('no')]]);
    await clock.advance('30s');
    expect(attempts).toEqual([1, 2]);
    await clock.advance('30s');
    expect(attempts).toEqual([1, 2, 3]);
    expect(await messages('jobs')).toEqual([]);
    expect((await messages('dead')).map(({ body }) => body)).toEqual(['a']);
    await clock.advance('1h');
    expect(attempts).toEqual([1, 2, 3]);
  });

  it('keep messages that no handler takes', async () => {
    const { env, clock, messages } = await made({ fetch: () => new Response() });
    await env.JOBS.send('a');
    await clock.advance('1d');
    expect(await messages('jobs')).toHaveLength(1);
  });

  it('a handler that sends while it runs is called again', async () => {
    const seen: number[] = [];
    const { env, clock } = await made({
      async queue({ messages }: MessageBatch<number>, { JOBS }: Env) {
        for (const { body } of messages) {
          seen.push(body);
          if (body < 3) await JOBS.send(body + 1);
        }
      },
    });
    await env.JOBS.send(1);
    await clock.advance('15s');
    expect(seen).toEqual([1, 2, 3]);
  });

  it('queue() hands the handler a batch, and says what became of it', async () => {
    const handler = {
      async queue(batch: MessageBatch<string>, { KV }: Env, ctx: ExecutionContext) {
        for (const message of batch.messages) {
          if (message.body === 'ack') message.ack();
          if (message.body === 'retry') message.retry({ delaySeconds: 30 });
          if (message.body === 'throw') throw new RangeError('no');
        }
        ctx.waitUntil(KV.put('last', `${batch.queue} ${batch.messages[0]!.attempts} ${batch.messages[0]!.timestamp.getTime()}`));
      },
    };
    const { queue, env, messages } = await made(handler);
    const sent = (...bodies: string[]) => bodies.map((body, index) => ({ body, id: `m${index}` }));
    expect(await queue('jobs', sent('ack', 'retry', 'silence'))).toEqual({
      errors: [],
      messages: [
        { id: 'm0', outcome: 'ack' },
        { id: 'm1', outcome: 'retry', delaySeconds: 30 },
        { id: 'm2', outcome: 'ack' },
      ],
    });
    expect(await env.KV.get('last')).toBe(`jobs 1 ${START}`);
    expect(await queue('jobs', sent('ack', 'throw', 'silence'))).toEqual({
      errors: [new RangeError('no')],
      messages: [
        { id: 'm0', outcome: 'ack' },
        { id: 'm1', outcome: 'retry' },
        { id: 'm2', outcome: 'retry' },
      ],
    });
    await queue('other', [{ body: new Map([['a', 1n]]), attempts: 3, timestamp: 5 }]);
    expect(await env.KV.get('last')).toBe('other 3 5');
    expect(await messages('jobs')).toEqual([]);
  });
});

describe('the end of a test env', () => {
  it('breaks off what waits for a lock, and what hangs', async () => {
    const { clock, env, close } = await made(
      { scheduled: (_: unknown, { LOCKS }: Env) => LOCKS.request('a', () => new Promise(() => {})) },
      { config: { triggers: { crons: ['* * * * *'] } } },
    );
    await env.LOCKS.acquire('a');
    await clock.advance('1m');
    await close();
  });
});

describe('what is told of a bucket', () => {
  it('comes to the handler as on a host, past a filter', async () => {
    const told: unknown[] = [];
    const { env, clock } = await made(
      { queue: ({ queue, messages }: MessageBatch) => void told.push([queue, ...messages.map(({ body }) => body)]) },
      {
        config: {
          r2_buckets: [{ binding: 'FILES', notifications: [{ queue: 'files', event_type: 'object-create', suffix: '.txt' }] }],
          queues: { consumers: [{ queue: 'files', max_batch_timeout: 0, filter: { 'object.size': [{ numeric: ['<', 5] }] } }] },
        },
      },
    );
    const { FILES } = env as unknown as { FILES: R2Bucket };
    const object = await FILES.put('a.txt', 'text');
    await FILES.put('b.txt', 'longer');
    await FILES.put('a.png', '');
    await FILES.delete('a.txt');
    await clock.advance('1s');
    const event = {
      account: 'brink',
      action: 'PutObject',
      bucket: 'function/FILES',
      object: { key: 'a.txt', size: 4, eTag: object!.etag },
    };
    expect(told).toEqual([['files', { ...event, eventTime: new Date(START).toISOString() }]]);
  });
});
