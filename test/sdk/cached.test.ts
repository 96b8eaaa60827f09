import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createCached } from '../../sdk/cached-flights.ts';
import { tagKey } from '../../sdk/cached-record.ts';
import type { CachedOptions, Loader } from '../../sdk/cached.ts';
import type { KVNamespace } from '../../sdk/kv.ts';
import { createMemoryStore } from '../../host/stores/memory.ts';
import type { Store } from '../../host/stores/store.ts';
import { eventually } from '../conformance/harness.ts';
import { namespaceOn } from '../bindings/kv.ts';

/** Milliseconds of a lease: long enough for a slow machine to renew it. */
const LEASE = 1_000;

interface Cell {
  readonly kv: KVNamespace;
  cached<Value>(key: string, options: Partial<CachedOptions>, loader: Loader<Value>): Promise<Value>;
}

let skew = 0;
let store: Store;
let kept: Promise<unknown>[];
const now = () => Date.now() + skew;
const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Each is a cell: it shares nothing with another but the namespace. */
function cell(lease = LEASE): Cell {
  const kv = namespaceOn(store, now);
  const cached = createCached({ now, random: Math.random, lease, keepAlive: (promise) => kept.push(promise) });
  return { kv, cached: (key, options, loader) => cached(kv, key, { ttl: 60, ...options }, loader) };
}

function counting(): { loads: number; loader: () => Promise<number> } {
  const counter = {
    loads: 0,
    async loader() {
      const load = ++counter.loads;
      await after(20);
      return load;
    },
  };
  return counter;
}

beforeEach(() => {
  skew = 0;
  kept = [];
  store = createMemoryStore(now);
});

describe('a value', () => {
  it('is loaded once, and then for each ttl', async () => {
    const { cached } = cell();
    const counter = counting();
    expect(await cached('k', {}, counter.loader)).toBe(1);
    skew = 50_000;
    expect(await cell().cached('k', {}, counter.loader)).toBe(1);
    skew = 61_000;
    expect(await cached('k', {}, counter.loader)).toBe(2);
    expect(await cached('other', {}, counter.loader)).toBe(3);
  });

  it('is what JSON keeps of it, or bytes, for who loaded it as for who did not', async () => {
    const date = new Date(0);
    const values: [unknown, unknown][] = [
      [
        { a: [1, 'ü', null], date },
        { a: [1, 'ü', null], date: date.toJSON() },
      ],
      ['text\n', 'text\n'],
      [0, 0],
      [false, false],
      ['', ''],
      [null, null],
      [undefined, undefined],
      [Uint8Array.of(10, 0, 255), Uint8Array.of(10, 0, 255)],
      [Uint8Array.of(1, 10, 2).buffer, Uint8Array.of(1, 10, 2).buffer],
    ];
    const { cached } = cell();
    for (const [index, [given, expected]] of values.entries()) {
      const fail = () => Promise.reject(new Error('It is loaded twice.'));
      expect(await cached(`k${index}`, {}, () => given)).toEqual(expected);
      expect(await cached(`k${index}`, {}, fail)).toEqual(expected);
      expect(await cell().cached(`k${index}`, {}, fail)).toEqual(expected);
    }
    await expect(cached('function', {}, () => () => {})).rejects.toThrow('a loader gave a function, which cannot be kept');
  });

  it('of one caller is no other one’s', async () => {
    const { cached } = cell();
    const loader = async () => (await after(20), { list: [1] });
    const values = await Promise.all([1, 2, 3].map(() => cached('k', {}, loader)));
    values[0]!.list.push(2);
    expect(values.slice(1)).toEqual([{ list: [1] }, { list: [1] }]);
    expect(await cached('k', {}, loader)).toEqual({ list: [1] });
  });

  it('may have a key of any length and any characters', async () => {
    const { cached, kv } = cell();
    const keys = ['', 'a/b?c', '#', '=a', '\ud800', 'x'.repeat(480), 'x'.repeat(481), 'ü'.repeat(10_000), `${'ü'.repeat(9_999)}x`];
    for (const key of keys) await cached(key, {}, () => key.length);
    for (const key of keys) expect(await cached(key, {}, () => -1)).toBe(key.length);
    const { keys: written } = await kv.list();
    expect(written.every(({ name }) => name.startsWith('cached/'))).toBe(true);
  });

  it('that is missing is kept for negativeTtl', async () => {
    const { cached } = cell();
    let loads = 0;
    const none = () => (loads++, undefined);
    expect(await cached('k', { negativeTtl: 5 }, none)).toBeUndefined();
    expect(await cached('k', { negativeTtl: 5 }, none)).toBeUndefined();
    expect(loads).toBe(1);
    skew = 5_100;
    await cached('k', { negativeTtl: 0 }, none);
    await cached('k', { negativeTtl: 0 }, none);
    expect(loads).toBe(3);
  });

  it('that is too large is given, and not kept', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { cached } = cell();
    const bytes = new Uint8Array(26 * 1024 * 1024);
    expect((await cached('k', {}, () => bytes)).byteLength).toBe(bytes.byteLength);
    expect(error.mock.calls[0]![0]).toBe('cached(): the value of "k" is not kept:');
    expect(await cached('k', {}, () => 1)).toBe(1);
    error.mockRestore();
  });

  it('with options that are none is none', async () => {
    const { cached } = cell();
    const wrong: Partial<CachedOptions>[] = [
      { ttl: 0 },
      { ttl: NaN },
      { swr: -1 },
      { negativeTtl: NaN },
      { tags: [''] },
      { tags: ['x'.repeat(501)] },
      { tags: Array<string>(101).fill('a') },
    ];
    for (const options of wrong) await expect(cached('k', options, () => 1)).rejects.toThrow(TypeError);
    await expect(
      createCached({ now, random: Math.random, lease: 1, keepAlive() {} })({} as KVNamespace, 'k', { ttl: 1 }, () => 1),
    ).rejects.toThrow('needs a KV namespace of Brink');
  });
});

describe('single flight', () => {
  it('of many who miss in several cells, one loads', async () => {
    const cells = Array.from({ length: 4 }, () => cell());
    const counter = counting();
    const calls = Array.from({ length: 400 }, (_, index) => cells[index % 4]!.cached('k', {}, counter.loader));
    expect(new Set(await Promise.all(calls))).toEqual(new Set([1]));
    expect(counter.loads).toBe(1);
  });

  it('a load that takes longer than a lease keeps it', async () => {
    const [one, two] = [cell(), cell()];
    let loads = 0;
    const slow = async () => (loads++, await after(LEASE * 3), 'slow');
    expect(await Promise.all([one.cached('k', {}, slow), two.cached('k', {}, slow)])).toEqual(['slow', 'slow']);
    expect(loads).toBe(1);
  });

  it('the lease of a loader that is dead ends, in other cells and in its own', async () => {
    const dead = cell();
    // It renews nothing, and never comes back.
    await dead.kv.put('cached/lease/=k', JSON.stringify({ state: 'held', until: now() + LEASE }));
    const started = Date.now();
    expect(await cell().cached('k', {}, () => 'alive')).toBe('alive');
    expect(Date.now() - started).toBeGreaterThan(LEASE - 50);

    const clear = vi.spyOn(globalThis, 'setInterval').mockImplementation(() => 0 as never);
    const hanging = cell();
    void hanging.cached('hangs', {}, () => new Promise(() => {}));
    await eventually(() => (clear.mock.calls.length > 0 ? true : undefined));
    clear.mockRestore();
    expect(await hanging.cached('hangs', {}, () => 'alive')).toBe('alive');
  });

  it('a failure is thrown to all who wait, and kept by nobody', async () => {
    const [one, two] = [cell(), cell()];
    let loads = 0;
    const failing = async () => {
      loads++;
      await after(500);
      throw Object.assign(new RangeError('no luck'), { own: true });
    };
    const first = one.cached('k', {}, failing);
    await eventually(() => loads || undefined);
    const others = [one.cached('k', {}, failing), two.cached('k', {}, failing), two.cached('k', {}, failing)];
    const given = (await Promise.allSettled([first, ...others])).map((each) =>
      each.status === 'rejected' ? (each.reason as unknown) : each,
    );
    expect(given.slice(0, 2)).toEqual(Array(2).fill(expect.objectContaining({ own: true })));
    expect(given.slice(2)).toEqual(Array(2).fill(expect.objectContaining({ name: 'RangeError', message: 'no luck' })));
    expect(loads).toBe(1);
    expect(await two.cached('k', {}, () => 'better')).toBe('better');
  });

  it('a failure is kept for errorTtl where that is asked for', async () => {
    const { cached } = cell();
    let loads = 0;
    const failing = () => {
      loads++;
      throw new RangeError('no luck');
    };
    for (let round = 0; round < 3; round++)
      await expect(cached('k', { errorTtl: 5 }, failing)).rejects.toMatchObject({ name: 'RangeError', message: 'no luck' });
    expect(loads).toBe(1);
    skew = 5_100;
    expect(await cached('k', { errorTtl: 5 }, () => 1)).toBe(1);
  });

  it('what is thrown need not be an error', async () => {
    await expect(cell().cached('k', {}, () => Promise.reject('text' as never))).rejects.toBe('text');
  });

  it('a caller who gives up hands the load on', async () => {
    const [one, two] = [cell(), cell()];
    const controller = new AbortController();
    let seen: AbortSignal | undefined;
    const first = one.cached('k', { signal: controller.signal }, ({ signal }) => {
      seen = signal;
      return new Promise<string>(() => {});
    });
    await eventually(() => seen);
    const others = [one, one, two].map((each) => each.cached('k', {}, async () => (await after(10), 'theirs')));
    await after(30);
    controller.abort(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    expect(seen!.aborted).toBe(true);
    expect(await Promise.all(others)).toEqual(['theirs', 'theirs', 'theirs']);
    await expect(one.cached('k', { signal: AbortSignal.abort(new Error('before')) }, () => 1)).rejects.toThrow('before');
  });

  it('a caller who waits can give up', async () => {
    const [one, two] = [cell(), cell()];
    const { promise, resolve } = Promise.withResolvers<string>();
    let started = false;
    const first = one.cached('k', {}, () => ((started = true), promise));
    await eventually(() => started || undefined);
    const others = [one, two].map((each) => each.cached('k', { signal: AbortSignal.timeout(50) }, () => 'theirs'));
    for (const other of others) await expect(other).rejects.toMatchObject({ name: 'TimeoutError' });
    resolve('done');
    expect(await first).toBe('done');
  });
});

describe('stale while revalidate', () => {
  it('gives the old value, and has one caller load a new one', async () => {
    const cells = [cell(), cell()];
    const counter = counting();
    await cells[0]!.cached('k', { swr: 60 }, counter.loader);
    skew = 61_000;
    const calls = Array.from({ length: 40 }, (_, index) => cells[index % 2]!.cached('k', { swr: 60 }, counter.loader));
    expect(new Set(await Promise.all(calls))).toEqual(new Set([1]));
    await Promise.all(kept);
    expect(counter.loads).toBe(2);
    expect(await cells[1]!.cached('k', { swr: 60 }, counter.loader)).toBe(2);
    skew = 200_000;
    expect(await cells[1]!.cached('k', { swr: 60 }, counter.loader)).toBe(3);
  });

  it('a failure of that is logged, and not tried again at once', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    // How soon it is tried again goes by the clock.
    const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now());
    const { cached } = cell();
    await cached('k', { swr: 60 }, () => 'old');
    skew = 61_000;
    let loads = 0;
    const failing = () => {
      loads++;
      throw new Error('no luck');
    };
    for (let round = 0; round < 3; round++) {
      expect(await cached<string>('k', { swr: 60, errorTtl: 60 }, failing)).toBe('old');
      await Promise.all(kept);
    }
    expect([loads, error.mock.calls.length]).toEqual([1, 1]);
    expect(error.mock.calls[0]![0]).toBe('cached(): "k" could not be loaded anew:');
    skew = 63_000;
    await cached('k', { swr: 60 }, () => 'new');
    await Promise.all(kept);
    expect(await cached('k', { swr: 60 }, () => 'newer')).toBe('new');
    error.mockRestore();
    clock.mockRestore();
  });
});

describe('tags', () => {
  const invalidate = (kv: KVNamespace, tag: string) => kv.increment(tagKey(tag));

  it('what has an invalidated one is loaded anew, in every cell', async () => {
    const [one, two] = [cell(), cell()];
    const counter = counting();
    await one.cached('a', { tags: ['x', 'y'] }, counter.loader);
    await one.cached('b', { tags: ['y'] }, counter.loader);
    await one.cached('c', { tags: ['z', '__proto__', 'constructor'] }, counter.loader);
    await invalidate(two.kv, 'x');
    const read = async () =>
      Promise.all([two.cached('a', { tags: ['x', 'y'] }, counter.loader), one.cached('b', { tags: ['y'] }, counter.loader)]);
    expect(await read()).toEqual([4, 2]);
    await invalidate(one.kv, 'y');
    expect((await read()).toSorted()).toEqual([5, 6]);
    expect(await two.cached('c', { tags: ['z', '__proto__', 'constructor'] }, counter.loader)).toBe(3);
    await invalidate(one.kv, '__proto__');
    expect(await two.cached('c', { tags: ['z', '__proto__', 'constructor'] }, counter.loader)).toBe(7);
  });

  it('it is the tags that a value was kept with, whoever asks', async () => {
    const { cached, kv } = cell();
    await cached('k', { tags: ['x'] }, () => 1);
    expect(await cached('k', {}, () => 2)).toBe(1);
    await invalidate(kv, 'x');
    expect(await cached('k', { tags: ['other'] }, () => 2)).toBe(2);
  });

  it('an invalidated value is not given as a stale one', async () => {
    const { cached, kv } = cell();
    await cached('k', { tags: ['x'], swr: 60 }, () => 1);
    await invalidate(kv, 'x');
    skew = 61_000;
    expect(await cached('k', { tags: ['x'], swr: 60 }, () => 2)).toBe(2);
  });

  it('nobody who comes after an invalidation gets what began to load before', async () => {
    const [one, two] = [cell(), cell()];
    const { promise, resolve } = Promise.withResolvers<string>();
    let started = false;
    const before = one.cached('k', { tags: ['x'] }, () => ((started = true), promise));
    await eventually(() => started || undefined);
    await invalidate(two.kv, 'x');
    const later = [one, two, one].map((each) => each.cached('k', { tags: ['x'] }, () => 'new'));
    await after(30);
    resolve('old');
    expect(await before).toBe('old');
    expect(await Promise.all(later)).toEqual(['new', 'new', 'new']);
    expect(await two.cached('k', { tags: ['x'] }, () => 'newer')).toBe('new');
  });
});

describe('with cacheTtl', () => {
  it('values come from the memory of the cell, and an invalidation of its own counts at once', async () => {
    const [one, two] = [cell(), cell()];
    const options = { cacheTtl: 30, tags: ['x'] };
    await one.cached('k', options, () => 'old');
    await one.cached('k', options, () => 'no');
    await two.kv.increment(tagKey('x'));
    expect(await one.cached('k', options, () => 'new')).toBe('old');
    await one.kv.increment(tagKey('x'));
    expect(await one.cached('k', options, () => 'new')).toBe('new');
  });
});
