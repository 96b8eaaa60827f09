import { describe, expect, it } from 'vitest';
import type { EntryChange } from '../../host/stores/changes.ts';
import { createIntendingStore } from '../../host/stores/intents.ts';
import { createMemoryStore } from '../../host/stores/memory.ts';
import type { Note } from '../../host/stores/outbox.ts';
import type { NewMessage } from '../../host/stores/queue.ts';
import type { Store } from '../../host/stores/store.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const note: Note<EntryChange> = ({ key, cause, revision }) => [
  { queue: 'q', message: { id: 'id', type: 'json', sent: 0, key, body: bytes(JSON.stringify({ key, cause, revision })) } },
];

interface Told {
  readonly key: string;
  readonly cause: string;
  readonly revision: number;
}

/** A store of no transactions, and a host on it that dies with its n-th step. */
function world(dieAt = Infinity) {
  let time = 0;
  let steps = 0;
  const now = () => time;
  const store = createMemoryStore(now);
  const done: string[] = [];
  const told: Told[] = [];
  const step = () => {
    if (++steps > dieAt) throw new Error('dead');
  };
  const dying: Store = {
    get(key) {
      step();
      return store.get(key);
    },
    async put(key, value, options) {
      step();
      const revision = await store.put(key, value, options);
      if (revision !== null && !key.startsWith('told/')) done.push(`${key}@${revision}`);
      return revision;
    },
    delete(key, options) {
      step();
      return store.delete(key, options);
    },
    list(options) {
      step();
      return store.list(options);
    },
  };
  const take = async (_queue: string, messages: readonly NewMessage[]) =>
    void told.push(...messages.map(({ body }) => JSON.parse(new TextDecoder().decode(body)) as Told));
  const host = (on: Store, send = take) => createIntendingStore({ store: on, send, now });
  return {
    store,
    done,
    told,
    steps: () => steps,
    first: host(dying, (queue, messages) => {
      step();
      return take(queue, messages);
    }),
    next: host(store),
    full: host(store, () => Promise.reject(new Error('no room'))),
    pass: (ms: number) => void (time += ms),
  };
}

async function writes({ first }: Pick<ReturnType<typeof world>, 'first'>): Promise<void> {
  await first.put('a', bytes('1'), { note });
  await first.put('a', bytes('2'), { note });
  await first.put('b', bytes('3'), { note, metadata: '{"fence":1}' });
  await first.delete('a', { note });
  await first.put('a', bytes('4'), { note });
}

describe('writes with intents', () => {
  it('are told in their order, each with its revision, and leave nothing', async () => {
    const own = world();
    await writes(own);
    expect(own.told.map(({ key, revision }) => `${key}@${revision}`)).toEqual(own.done);
    expect(own.told.map(({ cause }) => cause)).toEqual(['put', 'put', 'put', 'delete', 'put']);
    expect((await own.store.list({ prefix: 'told/' })).keys).toEqual([]);
  });

  it('a crash with any step: what was written is told once or more, and nothing else is', async () => {
    const all = world();
    await writes(all);
    for (let dieAt = 0; dieAt <= all.steps(); dieAt++) {
      const own = world(dieAt);
      await writes(own).catch(() => {});
      // While its writer may be at it, nobody else is.
      if (dieAt < all.steps()) await own.next.recover();
      own.pass(30_001);
      expect(await own.next.recover()).toBe(true);
      const told = own.told.map(({ key, revision }) => `${key}@${revision}`);
      expect([...new Set(told)], `dead after ${dieAt} steps`).toEqual(own.done);
      expect((await own.store.list({ prefix: 'told/' })).keys).toEqual([]);
    }
  });

  it('who writes over what is not told yet tells it first', async () => {
    const { full, next, told } = world();
    await full.put('a', bytes('1'), { note });
    expect(told).toEqual([]);
    await next.put('a', bytes('2'), { note });
    await next.delete('a', { note });
    expect(told.map(({ cause }) => cause)).toEqual(['put', 'put', 'delete']);
  });

  it('a write that is refused tells nothing', async () => {
    const { next, told, store } = world();
    const revision = (await store.put('a', bytes('1')))!;
    expect(await next.put('a', bytes('2'), { note, ifRevision: revision + 1 })).toBeNull();
    await expect(next.put('a', bytes('2'), { note, quota: { keys: 1, bytes: 0 } })).rejects.toThrow('No more than');
    expect(told).toEqual([]);
    expect((await store.list({ prefix: 'told/' })).keys).toEqual([]);
  });

  it('of many that write one key at once, each is told', async () => {
    const { next, told } = world();
    await Promise.all(Array.from({ length: 20 }, (_, index) => next.put('a', bytes(String(index)), { note })));
    expect(new Set(told.map(({ revision }) => revision)).size).toBe(20);
  });
});
