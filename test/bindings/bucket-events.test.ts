import { describe, expect, it } from 'vitest';
import { bucketEvents, type BucketEvent, type BucketEventsState } from '../../host/bindings/r2/events.ts';
import { createR2Methods } from '../../host/bindings/r2/methods.ts';
import { Relay } from '../../host/bindings/relay.ts';
import { createMemoryFiles } from '../../host/platforms/node/memory-files.ts';
import { openSql } from '../../host/platforms/node/sql.ts';
import { bucketRules, type BucketRule, type BucketRuleEntry } from '../../host/registry/bucket-rules.ts';
import { settleRules as settle } from '../../host/registry/live-rules.ts';
import { parseManifest } from '../../host/registry/parse-manifest.ts';
import type { FunctionRecord } from '../../host/registry/record.ts';
import { createMemoryQueue } from '../../host/stores/queue-memory.ts';
import type { Quota } from '../../host/stores/quota.ts';
import { createSqlObjects } from '../../host/stores/sql-objects.ts';

const SCOPE = 'bucket/b';
const rule = (queue: string, more: Partial<BucketRule> = {}): BucketRule => ({
  scope: SCOPE,
  queue,
  types: ['object-create', 'object-delete'],
  prefix: '',
  suffix: '',
  ...more,
});
const bytes = new TextEncoder().encode('text');

interface WorldOptions {
  readonly rules?: readonly BucketRule[];
  readonly room?: number;
  readonly quota?: Quota;
  /** Of a store that has no outbox: what takes the messages. */
  readonly send?: BucketEventsState['send'];
}

/** A bucket, its events, and a relay whose timer is called by hand. */
function world({ rules = [rule('q')], room = 1_000, quota, send }: WorldOptions = {}) {
  const sql = openSql(':memory:');
  const now = () => 1_700_000_000_000;
  const own = createSqlObjects({ sql, files: createMemoryFiles(), now });
  const objects = send === undefined ? own : { ...own, outbox: null };
  const queue = createMemoryQueue(now);
  const later: (() => void)[] = [];
  const timers = {
    after: (_ms: number, callback: () => void) => (later.push(callback), () => void later.splice(0)),
    every: () => () => {},
  };
  const relay = new Relay({ outbox: own.outbox!, queue, quota: { messages: room, bytes: 1e9 }, timers });
  const state: BucketEventsState = { rules: async () => rules, send: send ?? (async () => {}), posted: () => void relay.run() };
  const methods = createR2Methods({ objects, prefix: `${SCOPE}/`, quota, tell: bucketEvents({ scope: SCOPE, objects, state, now }) });
  const settled = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));
  return {
    sql,
    queue,
    relay,
    later,
    settled,
    put: (key: string, how: object = {}) => methods['put']!([key, how], bytes),
    remove: (...keys: string[]) => methods['delete']!([keys], null),
    head: async (key: string) => (await methods['head']!([key], null)).value,
    async told(name = 'q') {
      await settled();
      const events = (await queue.peek(name, 100)).map(({ body }) => JSON.parse(new TextDecoder().decode(body)) as BucketEvent);
      return events.map(({ action, object: { key } }) => `${action} ${key}`);
    },
  };
}

describe('events of a bucket, as they are made', () => {
  it('a copy is told as one; what is not there is not deleted; a queue that two rules name is told once', async () => {
    const { put, remove, told } = world({ rules: [rule('q'), rule('q', { prefix: 'a' }), rule('other', { types: ['object-delete'] })] });
    await put('a');
    await put('ab', { copied: true });
    await remove('none', 'a', 'a');
    expect(await told()).toEqual(['PutObject a', 'CopyObject ab', 'DeleteObject a']);
    expect(await told('other')).toEqual(['DeleteObject a']);
  });

  it('prefix and suffix may overlap in a key, and are of the key without the bucket', async () => {
    const { put, told } = world({ rules: [rule('q', { prefix: 'a.b', suffix: 'b.c' })] });
    for (const key of ['a.b.c', 'a.bb.c', 'xa.b.c', 'a.b.cx', 'bucket/a.b.c']) await put(key);
    expect(await told()).toEqual(['PutObject a.b.c', 'PutObject a.bb.c']);
  });

  it('a write that is undone tells nothing, and takes no other’s event with it', async () => {
    const { put, told } = world({ quota: { keys: 1, bytes: 1_000 } });
    const results = await Promise.allSettled([put('a'), put('b')]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await told()).toEqual(['PutObject a']);
  });

  it('what a queue has no room for waits, without holding up other queues, and comes in its order', async () => {
    const { put, told, queue, later } = world({ rules: [rule('q', { prefix: 'a' }), rule('other', { prefix: 'b' })], room: 1 });
    for (const key of ['a1', 'a2', 'a3']) await put(key);
    expect(await told()).toEqual(['PutObject a1']);
    await put('b');
    expect(await told('other')).toEqual(['PutObject b']);
    for (const next of ['PutObject a2', 'PutObject a3']) {
      expect(later).toHaveLength(1);
      await queue.purge('q');
      later.splice(0)[0]!();
      expect(await told()).toEqual([next]);
    }
  });

  it('where too many wait, a write is refused and not done', async () => {
    const { put, head, sql, relay } = world();
    await relay.stop();
    sql.run(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) INSERT INTO object_event (queue, id, sent, body) SELECT 'q', i, 0, x'' FROM n",
    );
    await expect(put('a')).rejects.toThrow('Too many events of buckets wait for room in their queues (100000)');
    expect(await head('a')).toBeNull();
    sql.run('DELETE FROM object_event WHERE seq BETWEEN 2 AND 50000');
    await put('a');
    expect(await head('a')).not.toBeNull();
  });

  it('what a stopped relay has left is there for the next', async () => {
    const { put, told, relay, sql, queue } = world();
    await relay.stop();
    await put('a');
    expect(await told()).toEqual([]);
    const { outbox } = createSqlObjects({ sql, files: createMemoryFiles(), now: Date.now });
    await new Relay({ outbox: outbox!, queue, timers: { after: () => () => {}, every: () => () => {} } }).run();
    expect(await told()).toEqual(['PutObject a']);
    expect(await outbox!.queues()).toEqual([]);
  });

  it('where the store has no outbox, events are sent before the write is acknowledged, and it says so when they are not', async () => {
    const sent: string[] = [];
    const good = world({ send: async (queue, messages) => sent.push(`${queue} ${messages.length}`) });
    await good.put('a');
    await good.remove('a', 'b');
    expect(sent).toEqual(['q 1', 'q 2']);
    const bad = world({ send: () => Promise.reject(new Error('secret')) });
    await expect(bad.put('a')).rejects.toThrow('The bucket has been written to, but its queue q took no event: it cannot be reached now.');
    expect(await bad.head('a')).not.toBeNull();
  });
});

describe('rules of buckets', () => {
  const manifest = (buckets: unknown) => parseManifest({ name: 'f', compatibility_date: '2026-01-01', r2_buckets: buckets });
  const notifying = (...notifications: unknown[]) => manifest([{ binding: 'FILES', notifications }]);

  it.each([
    [{ queue: 'q' }, 'object-create'],
    [{ queue: 'q', event_type: 'object-copy' }, 'object-create'],
    [{ queue: 'q', event_type: [] }, 'notifications[0].event_type'],
    [{ event_type: 'object-create' }, 'notifications[0].queue'],
    [{ queue: 'a b', event_type: 'object-create' }, 'name of a queue'],
    [{ queue: 'q', event_type: 'object-create', prefix: 7 }, 'notifications[0].prefix'],
    [{ queue: 'q', event_type: 'object-create', suffix: 'x'.repeat(1_025) }, 'more than 1024'],
    [{ queue: 'q', event_type: 'object-create', filter: 'x' }, 'filter'],
  ])('refused: %j', (given, says) => {
    expect(() => notifying(given)).toThrow(says);
  });

  it('a parsed manifest is parsed to the same', () => {
    const once = notifying({ queue: 'q', event_type: 'object-create' }, { queue: 'r', event_type: ['object-delete', 'object-delete'] });
    expect(once.r2_buckets![0]!.notifications).toEqual([
      { queue: 'q', event_type: ['object-create'], prefix: '', suffix: '' },
      { queue: 'r', event_type: ['object-delete'], prefix: '', suffix: '' },
    ]);
    expect(parseManifest(once)).toEqual(once);
  });

  it('in force are those of the versions that live names, each once, and those of no other alias', () => {
    const version = (number: number, queue: string) => ({
      number,
      ...bucketRules(notifying({ queue, event_type: 'object-create' })),
    });
    const record = (...live: number[]) =>
      ({
        name: 'f',
        versions: [version(1, 'a'), version(2, 'a'), version(3, 'b')],
        aliases: {
          live: { versions: live.map((each) => ({ version: each, weight: 50 })) },
          beta: { versions: [{ version: 3, weight: 100 }] },
        },
      }) as unknown as FunctionRecord;
    const settleRules = (table: readonly BucketRuleEntry[], of: FunctionRecord | null) =>
      settle<BucketRule>(table, { name: 'f', record: of, of: (version) => version.bucketRules });
    const other = { ...rule('o'), function: 'other' };
    const both = settleRules([other], record(1, 2));
    expect(both.map(({ function: owner, queue, scope }) => `${owner} ${scope} ${queue}`)).toEqual([
      'other bucket/b o',
      'f function/f/FILES a',
    ]);
    expect(settleRules(both, record(1))).toBe(both);
    expect(settleRules(both, record(3)).map(({ queue }) => queue)).toEqual(['o', 'b']);
    expect(settleRules(both, null)).toEqual([other]);
  });
});
