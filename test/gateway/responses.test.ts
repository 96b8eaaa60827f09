import { expect, it } from 'vitest';
import { entryOf, type Entry } from '../../host/gateway/cache/entry.ts';
import { ResponseMemory } from '../../host/gateway/cache/memory.ts';
import { Responses } from '../../host/gateway/cache/responses.ts';
import { createMemoryStore } from '../../host/stores/memory.ts';
import type { Store } from '../../host/stores/store.ts';

const NOW = Date.UTC(2026, 0, 1);
const AT = { function: 'fn', key: 'fn@1 http://h/a' };
const none = () => null;

function entry({ body = 'body', purges = 0, tags = '', vary = null as string | null, lifetime = 60_000 } = {}): Entry {
  return entryOf({
    head: { status: 200, statusText: '', lines: ['cache-tag', tags] },
    body: new TextEncoder().encode(body),
    terms: { lifetime, age: 0, stale: true, whileRevalidate: 0, ifError: 0, without: [] },
    selectors: vary === null ? null : [['x-kind', vary]],
    came: NOW,
    url: 'http://h/fn/a',
    target: 'http://h/a',
    purges,
  });
}

/** Hosts of one store, each told of what any of them writes. */
function hosts() {
  const store = createMemoryStore(() => NOW);
  const all: Responses[] = [];
  const told: Store = {
    ...store,
    async put(key, value, options) {
      const written = await store.put(key, value, options);
      for (const one of all) one.changed(key);
      return written;
    },
    async delete(key, options) {
      const gone = await store.delete(key, options);
      for (const one of all) one.changed(key);
      return gone;
    },
  };
  const make = () => new Responses({ store: told, shared: told, most: 1_000_000, now: () => NOW, maxAge: Infinity });
  all.push(make(), make());
  return { one: all[0]!, two: all[1]!, make };
}

const bodyOf = (found: Entry | null) => found && new TextDecoder().decode(found.body);

it('what one host keeps, another finds, and one that starts anew', async () => {
  const { one, two, make } = hosts();
  await one.put(AT, entry());
  expect(one.memory.find(AT.key)?.variants).toHaveLength(1);
  for (const host of [two, make()]) expect(bodyOf(await host.find(AT, await host.purges('fn'), none))).toBe('body');
  expect(two.memory.find(AT.key)?.variants).toHaveLength(1);
  expect(await two.find({ ...AT, key: 'fn@1 http://h/b' }, await two.purges('fn'), none)).toBeNull();
});

it('finds the one for such a request', async () => {
  const { one, two } = hosts();
  await one.put(AT, entry({ body: 'a', vary: 'a' }));
  await one.put(AT, entry({ body: 'b', vary: 'b' }));
  const find = async (kind: string) => bodyOf(await two.find(AT, await two.purges('fn'), () => kind));
  expect([await find('b'), await find('a'), await find('c')]).toEqual(['b', 'a', null]);
});

it('what is fresh for a moment only is in memory alone', async () => {
  const { one, two } = hosts();
  await one.put(AT, entry({ lifetime: 9_000 }));
  expect(await two.find(AT, await two.purges('fn'), none)).toBeNull();
});

it('what one host puts in its place or forgets, another forgets', async () => {
  const { one, two } = hosts();
  await one.put(AT, entry());
  await two.find(AT, await two.purges('fn'), none);
  await one.put(AT, entry({ body: 'new' }));
  expect(two.memory.find(AT.key)).toBeUndefined();
  expect(bodyOf(await two.find(AT, await two.purges('fn'), none))).toBe('new');
  await one.invalidate(AT);
  expect(two.memory.find(AT.key)).toBeUndefined();
  expect(await two.find(AT, await two.purges('fn'), none)).toBeNull();
});

it.each([
  ['url', { url: 'http://h/fn/a' }, true],
  ['url as the function sees it', { url: 'http://h/a' }, true],
  ['path', { url: '/a' }, true],
  ['another path', { url: '/' }, false],
  ['prefix', { prefix: 'http://h/f' }, true],
  ['prefix of the path', { prefix: '/' }, true],
  ['tag', { tag: 'two' }, true],
  ['another tag', { tag: 'tw' }, false],
  ['all', {}, true],
])('a purge by %s holds on every host, and for what was asked for before it', async (_what, purge, gone) => {
  const { one, two } = hosts();
  await one.put(AT, entry({ tags: 'one, two' }));
  await two.find(AT, await two.purges('fn'), none);
  await one.purge('fn', purge);
  const list = await two.purges('fn');
  const resource = two.memory.find(AT.key);
  expect(resource === undefined || two.known(resource, list, none) === null).toBe(gone);
  expect((await two.find(AT, list, none)) === null).toBe(gone);
  expect((await two.purges('other')).count).toBe(0);
  await two.put(AT, entry({ purges: list.count, tags: 'one, two' }));
  expect(two.known(two.memory.find(AT.key)!, list, none)).not.toBeNull();
});

it('more purges than are remembered purge all that is older', async () => {
  const { one } = hosts();
  for (let index = 0; index < 502; index++) await one.purge('fn', { tag: `t${index}` });
  const list = await one.purges('fn');
  expect([list.count, list.all, list.some.length]).toEqual([502, 2, 500]);
  await one.put(AT, entry({ purges: 1 }));
  expect(one.known(one.memory.find(AT.key)!, list, none)).toBeNull();
});

it('memory holds no more than it may, and keeps what is asked for', () => {
  const memory = new ResponseMemory(100_000);
  for (let index = 0; index < 200; index++) {
    memory.put(`k${index}`, entry({ body: 'x'.repeat(1_000) }));
    memory.find('k0');
    expect(memory.weight).toBeLessThanOrEqual(100_000);
  }
  expect([memory.find('k0'), memory.find('k1'), memory.find('k199')].map((each) => each !== undefined)).toEqual([true, false, true]);
  memory.put('large', entry({ body: 'x'.repeat(200_000) }));
  expect([memory.find('large'), memory.find('k199') !== undefined]).toEqual([undefined, true]);
  memory.drop(() => true);
  expect(memory.weight).toBe(0);
});
