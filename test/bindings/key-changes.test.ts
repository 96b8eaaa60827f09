import { describe, expect, it } from 'vitest';
import type { BindingState } from '../../host/bindings/binding.ts';
import type { ChangesState } from '../../host/bindings/changes.ts';
import type { KVChange } from '../../sdk/changes.ts';
import { kv } from '../../host/bindings/kv/kind.ts';
import { openKeyChanges } from '../../host/bindings/kv/open-changes.ts';
import { openSql } from '../../host/platforms/node/sql.ts';
import { changeRules, type KeyRule } from '../../host/registry/change-rules.ts';
import { parseManifest } from '../../host/registry/parse-manifest.ts';
import { createMemoryStore } from '../../host/stores/memory.ts';
import { createMemoryQueue } from '../../host/stores/queue-memory.ts';
import { createSqlStore } from '../../host/stores/sql.ts';
import type { TellingStore } from '../../host/stores/changes.ts';
import { bindingState } from './state.ts';

const SCOPE = 'id/n';
const bytes = (value: string) => new TextEncoder().encode(value);
const rule = (more: Partial<KeyRule> = {}): KeyRule => ({
  kind: 'kv',
  scope: SCOPE,
  queue: 'q',
  types: ['put', 'delete', 'increment', 'expire'],
  prefix: '',
  values: false,
  ...more,
});

const STORES: readonly [string, (now: () => number) => TellingStore][] = [
  ['memory', createMemoryStore],
  ['SQLite', (now) => createSqlStore(openSql(':memory:'), now, 'binding')],
];

describe.each(STORES)('changes of keys in %s', (_name, create) => {
  function world({ rules = [rule()], room = 1_000_000 }: { rules?: readonly KeyRule[]; room?: number } = {}) {
    let time = 1_700_000_000_000;
    const now = () => time;
    const telling = create(now);
    const queue = createMemoryQueue(now);
    const timers = { after: () => () => {}, every: () => () => {} };
    const opened = openKeyChanges({ store: telling, telling, queue, quota: { messages: room, bytes: 1e9 }, timers, now });
    const woken: number[] = [];
    let asked = 0;
    const own = { rules };
    const changes: ChangesState = {
      ...opened,
      rules: () => (asked++, own.rules),
      expected: () => undefined,
      posted: () => void opened.flush(),
    };
    const state: BindingState = { ...bindingState(telling, now), changes, wake: async (at) => void woken.push(at), soon: () => {} };
    const methods = kv.open(SCOPE, state);
    return {
      own,
      queue,
      woken,
      asked: () => asked,
      pass: (seconds: number) => void (time += seconds * 1_000),
      due: () => kv.due!(SCOPE, state),
      put: (key: string, value = '', how: object = {}) => methods['put']!([key, how], bytes(value)),
      remove: (key: string, how: object = {}) => methods['delete']!([key, how], null),
      increment: (key: string) => methods['increment']!([key, '1', {}], null),
      async changes(name = 'q') {
        await opened.flush();
        const messages = await queue.peek(name, 100);
        await queue.purge(name);
        return messages.map(({ body }) => JSON.parse(new TextDecoder().decode(body)) as KVChange);
      },
    };
  }
  const brief = (changes: readonly KVChange[]) => changes.map(({ operation, key }) => `${operation} ${key}`);

  it('an expiry is told when it is due, in its place among what happens to the key', async () => {
    const { put, due, pass, changes, woken } = world();
    await put('a', '1', { expirationTtl: 60 });
    await put('b', '1', { expirationTtl: 60 });
    await put('c', '1', { expirationTtl: 120 });
    expect(woken[0]).toBe(1_700_000_060_000);
    pass(61);
    await put('b', '2');
    expect(await due()).toBe(1_700_000_120_000);
    const told = await changes();
    expect(brief(told)).toEqual(['put a', 'put b', 'put c', 'expire b', 'put b', 'expire a']);
    const revisions = told.map(({ revision }) => revision);
    expect(revisions).toEqual(revisions.toSorted((x, y) => x - y));
    pass(60);
    expect(await due()).toBeNull();
    expect(brief(await changes())).toEqual(['expire c']);
  });

  it('a key that is put again in time does not expire, and one whose rule has gone goes silently', async () => {
    const { put, due, pass, changes, own } = world();
    await put('a', '1', { expirationTtl: 60 });
    await put('a', '2');
    await put('b', '1', { expirationTtl: 60 });
    own.rules = [];
    pass(61);
    expect(await due()).toBeNull();
    expect(brief(await changes())).toEqual(['put a', 'put a', 'put b']);
  });

  it('a fence that is remembered is no value: its write is a delete, and its end is nothing', async () => {
    const { put, remove, due, pass, changes } = world();
    await remove('a', { fence: 1 });
    await put('a', '1', { fence: 2 });
    await remove('a', { fence: 3 });
    await remove('a');
    await remove('a');
    pass(100_000);
    await due();
    expect((await changes()).map(({ operation, fence }) => [operation, fence])).toEqual([['put', 2], ['delete', 3]]); // prettier-ignore
  });

  it('values come as text or as bytes, where they are asked for, and are left out where they are too large', async () => {
    const { put, changes, own, increment } = world({ rules: [rule({ values: true })] });
    await put('text', 'é"\0');
    await put('large', 'x'.repeat(65_537));
    await put('controls', '\u0001'.repeat(65_536));
    await increment('n');
    const [text, large, controls, n] = await changes();
    expect([text!.value, large!.value, large!.size, n!.value]).toEqual(['é"\0', null, 65_537, '1']);
    expect(controls!.value).toEqual({ base64: btoa('\u0001'.repeat(65_536)) });
    own.rules = [rule(), rule({ values: true, prefix: 'v' }), rule({ queue: 'other', types: ['delete'] })];
    await put('key', '1');
    await put('v', '2');
    expect((await changes()).map(({ value }) => value)).toEqual([undefined, '2']);
    expect(await changes('other')).toEqual([]);
  });

  it('a write that is refused tells nothing, and a queue without room holds nothing up', async () => {
    const { put, changes, due } = world({ room: 1 });
    await put('a', '1');
    await expect(put('a', '2', { ifRevision: 999 })).rejects.toThrow('409');
    await put('b', '1');
    expect(await due()).toBe(1_700_000_005_000);
    expect(brief(await changes())).toEqual(['put a']);
    expect(brief(await changes())).toEqual(['put b']);
  });

  it('without a rule a write asks for rules and does nothing else', async () => {
    const { put, remove, increment, asked, woken, changes } = world({ rules: [] });
    await put('a', '1', { expirationTtl: 60 });
    await increment('n');
    await remove('a');
    expect([asked(), woken, await changes()]).toEqual([3, [], []]);
  });
});

describe('rules of namespaces and databases', () => {
  const manifest = (more: object) => parseManifest({ name: 'f', compatibility_date: '2026-01-01', ...more });
  const ofKeys = (...notifications: unknown[]) => manifest({ kv_namespaces: [{ binding: 'KV', notifications }] });
  const ofRows = (...notifications: unknown[]) => manifest({ d1_databases: [{ binding: 'DB', notifications }] });

  it.each([
    [() => ofKeys({}), 'notifications[0].queue'],
    [() => ofKeys({ queue: 'q', event_type: 'get' }), '"put", "delete", "increment" or "expire"'],
    [() => ofKeys({ queue: 'q', event_type: [] }), 'event_type'],
    [() => ofKeys({ queue: 'q', prefix: 'x'.repeat(513) }), 'more than 512'],
    [() => ofKeys({ queue: 'q', suffix: 'x' }), 'suffix'],
    [() => ofRows({ queue: 'q' }), 'notifications[0].tables'],
    [() => ofRows({ queue: 'q', tables: [] }), 'names of the tables'],
    [() => ofRows({ queue: 'q', tables: ['sqlite_schema'] }), 'not the name of a table of yours'],
    [() => ofRows({ queue: 'q', tables: ['t'], event_type: 'truncate' }), '"insert", "update" or "delete"'],
    [() => ofRows({ queue: 'a b', tables: ['t'] }), 'name of a queue'],
  ])('refused: %s', (given, says) => {
    expect(given).toThrow(says);
  });

  it('a parsed manifest is parsed to the same, and names whose rules they are', () => {
    const once = manifest({
      kv_namespaces: [{ binding: 'KV', notifications: [{ queue: 'q' }] }, { binding: 'X', id: 'x', notifications: [{ queue: 'q', event_type: 'put', values: true }] }], // prettier-ignore
      d1_databases: [{ binding: 'DB', notifications: [{ queue: 'r', tables: ['A', 'a', 'b'] }] }],
    });
    expect(parseManifest(once)).toEqual(once);
    expect(changeRules(once).changeRules).toEqual([
      rule({ scope: 'function/f/KV' }),
      rule({ scope: 'id/x', types: ['put'], values: true }),
      { kind: 'd1', scope: 'function/f/DB', queue: 'r', types: ['insert', 'update', 'delete'], tables: ['a', 'b'], rows: true },
    ]);
    expect(changeRules(manifest({}))).toEqual({});
  });
});
