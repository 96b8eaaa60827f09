import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Call, Result } from '../../host/bindings/binding.ts';
import { KvNamespace } from '../../host/bindings/kv/client.ts';
import { HotMemory } from '../../host/bindings/kv/hot.ts';
import { createMemoryStore } from '../../host/stores/memory.ts';
import type { Store } from '../../host/stores/store.ts';
import type { KVNamespace } from '../../sdk/kv.ts';
import { manualClock } from '../stores/clock.ts';
import { namespaceOn } from './kv.ts';

const HOT = { cacheTtl: 30 };

describe('cacheTtl', () => {
  let clock = manualClock();
  let store: Store;
  /** In two cells. */
  let kv: KVNamespace;
  let other: KVNamespace;
  beforeEach(() => {
    clock = manualClock();
    store = createMemoryStore(clock.now);
    kv = namespaceOn(store, clock.now);
    other = namespaceOn(store, clock.now);
  });

  it('a read finds what an earlier one found, for as long as it says', async () => {
    await kv.put('k', 'old');
    await kv.get('k', HOT);
    await other.put('k', 'new');
    clock.advance(30_000);
    expect(await kv.get('k', HOT)).toBe('old');
    clock.advance(1);
    expect(await kv.get('k', { cacheTtl: 31 })).toBe('old');
    expect(await kv.get('k', HOT)).toBe('new');
  });

  it('a read without it finds what is there, and so do those after it', async () => {
    await kv.put('k', 'old');
    await kv.get('k', HOT);
    await other.put('k', 'new');
    expect(await kv.get('k')).toBe('new');
    expect(await kv.get('k', HOT)).toBe('new');
    await other.put('k', 'newer');
    expect(await kv.getWithRevision('k', HOT)).toMatchObject({ value: 'newer' });
    expect(await kv.get('k', HOT)).toBe('newer');
  });

  it('a read without it keeps nothing', async () => {
    await kv.put('k', 'old');
    await kv.get('k');
    await other.put('k', 'new');
    expect(await kv.get('k', HOT)).toBe('new');
  });

  it('that there is no value is kept as well', async () => {
    expect(await kv.get('k', HOT)).toBeNull();
    await other.put('k', 'new');
    expect(await kv.get('k', HOT)).toBeNull();
    expect(await kv.getWithMetadata('k', HOT)).toEqual({ value: null, metadata: null, cacheStatus: null });
    expect(await kv.get(['k'], HOT)).toEqual(new Map([['k', null]]));
  });

  it('what is written through the same binding is found at once', async () => {
    const writes: ((value: string) => Promise<unknown>)[] = [
      (value) => kv.put('k', value),
      () => kv.delete('k'),
      () => kv.increment('k'),
      async (value) => kv.put('k', value, { ifRevision: (await kv.getWithRevision('k')).revision }),
    ];
    for (const [index, write] of writes.entries()) {
      await kv.get('k', HOT);
      await write(String(index));
      expect(await kv.get('k', HOT)).toBe(await other.get('k'));
    }
  });

  it('no value outlives its expiration', async () => {
    await kv.put('k', 'v', { expirationTtl: 60 });
    await kv.get('k', HOT);
    await kv.get(['k'], HOT);
    clock.advance(59_000);
    await kv.get(['k'], HOT);
    clock.advance(1_000);
    expect(await kv.get('k', HOT)).toBeNull();
  });

  it('a clock that was put back makes nothing young again', async () => {
    await kv.put('k', 'old');
    await kv.get('k', HOT);
    await other.put('k', 'new');
    clock.advance(-1);
    expect(await kv.get('k', HOT)).toBe('new');
  });

  it('a value comes in each type, whichever it was first read in', async () => {
    const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, 0x22, 0xff, 0xc3, 0xbc, 0x22);
    const text = '\uFEFF"\uFFFDü"';
    for (const first of ['text', 'arrayBuffer'] as const) {
      await kv.put('k', bytes, { metadata: { a: [1] } });
      await kv.get('k', { type: first as 'text', ...HOT });
      await other.delete('k');
      expect(await kv.get('k', HOT)).toBe(text);
      expect(new Uint8Array((await kv.get('k', { type: 'arrayBuffer', ...HOT }))!)).toEqual(bytes);
      expect(new Uint8Array(await new Response(await kv.get('k', { type: 'stream', ...HOT })).arrayBuffer())).toEqual(bytes);
      expect(await kv.get(['k'], HOT)).toEqual(new Map([['k', text]]));
      expect(await kv.getWithMetadata('k', HOT)).toEqual({ value: text, metadata: { a: [1] }, cacheStatus: 'HIT' });
      await expect(kv.get('k', { type: 'json', ...HOT })).rejects.toThrow(SyntaxError);
      await expect(kv.get('k', { type: 'blob' as 'text', ...HOT })).rejects.toThrow('Unknown response type');
    }
  });

  it('what a function does to a value, stays with it', async () => {
    await kv.put('k', '{"a":[1]}', { metadata: { m: 1 } });
    for (let round = 0; round < 3; round++) {
      const buffer = await kv.get('k', { type: 'arrayBuffer', ...HOT });
      new Uint8Array(buffer!).fill(0);
      const json = await kv.get<{ a: number[] }>('k', { type: 'json', ...HOT });
      json!.a.push(2);
      const { metadata } = await kv.getWithMetadata<{ m: number }>('k', HOT);
      metadata!.m = 2;
      for await (const chunk of (await kv.get('k', { type: 'stream', ...HOT }))!) chunk.fill(0);
    }
    expect(await kv.getWithMetadata('k', HOT)).toEqual({ value: '{"a":[1]}', metadata: { m: 1 }, cacheStatus: 'HIT' });
  });

  it('of several keys, those are asked for that are not there', async () => {
    for (const key of ['a', 'b', 'c']) await kv.put(key, key, { metadata: key });
    await kv.get(['a', 'c', 'none'], HOT);
    for (const key of ['a', 'b', 'c', 'none']) await other.put(key, 'new');
    const expected = new Map([
      ['b', 'new'],
      ['a', 'a'],
      ['none', null],
      ['c', 'c'],
    ]);
    expect([...(await kv.get(['b', 'a', 'none', 'c'], HOT))]).toEqual([...expected]);
    expect(await kv.getWithMetadata(['a', 'b'], HOT)).toEqual(
      new Map([
        ['a', { value: 'a', metadata: 'a' }],
        ['b', { value: 'new', metadata: null }],
      ]),
    );
  });

  it('too little of it, and too many keys, are refused also where the values are in memory', async () => {
    await kv.get('k', HOT);
    await expect(kv.get('k', { cacheTtl: 29 })).rejects.toThrow('Invalid cache_ttl of 29');
    await expect(kv.get(Array<string>(101).fill('k'), HOT)).rejects.toThrow('maximum of 100 keys');
    await expect(kv.get([], HOT)).rejects.toThrow('minimum of 1 key');
  });

  it('a large value is read anew each time', async () => {
    await kv.put('k', 'x'.repeat(2_000_000));
    await kv.get('k', HOT);
    await other.put('k', 'new');
    expect(await kv.get('k', HOT)).toBe('new');
  });

  it('no read is older than it says, none misses a write of its own, and none goes back in time', async () => {
    const key = fc.constantFrom('a', 'b');
    const step = fc.oneof(
      fc.record({ do: fc.constantFrom('put' as const, 'delete' as const, 'elsewhere' as const, 'get' as const), key }),
      fc.record({ do: fc.constant('hot' as const), key, ttl: fc.integer({ min: 30, max: 90 }), many: fc.boolean() }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
    );
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const prefix = `${round++}/`;
        /** Of each key: what it was from when on. */
        const history = new Map<string, { at: number; value: string | null }[]>();
        /** The oldest place in it that may be read. */
        const seen = new Map<string, number>();
        const note = (name: string, value: string | null) => history.get(name)!.push({ at: clock.now(), value });
        for (const name of ['a', 'b']) history.set(name, [{ at: -Infinity, value: null }]);
        for (const [index, each] of steps.entries()) {
          const value = String(index);
          if (each.do === 'wait') {
            clock.advance(each.ms);
            continue;
          }
          const versions = history.get(each.key)!;
          const name = prefix + each.key;
          switch (each.do) {
            case 'put':
            case 'delete':
              await (each.do === 'put' ? kv.put(name, value) : kv.delete(name));
              note(each.key, each.do === 'put' ? value : null);
              seen.set(each.key, versions.length - 1);
              break;
            case 'elsewhere':
              await other.put(name, value);
              note(each.key, value);
              break;
            case 'get':
              expect(await kv.get(name)).toBe(versions.at(-1)!.value);
              seen.set(each.key, versions.length - 1);
              break;
            case 'hot': {
              const found = each.many
                ? (await kv.get([name], { cacheTtl: each.ttl })).get(name)!
                : await kv.get(name, { cacheTtl: each.ttl });
              // The last that was written by then, or a later one.
              const oldest = versions.findLastIndex(({ at }) => at <= clock.now() - each.ttl * 1000);
              const from = Math.max(oldest, seen.get(each.key) ?? 0);
              const place = versions.findIndex((version, at) => at >= from && version.value === found);
              expect(place).toBeGreaterThanOrEqual(from);
              seen.set(each.key, place);
            }
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('reads and writes that are under way together', () => {
  /** Answers when it is told to. */
  function heldKv(limit?: number) {
    const calls: { readonly method: string; answer(result: Result): void }[] = [];
    const call: Call = (method) => new Promise((answer) => calls.push({ method, answer }));
    const clock = manualClock();
    const found = (value: string): Result => ({ value: { metadata: null, revision: 1 }, body: new TextEncoder().encode(value) });
    return { kv: new KvNamespace(call, new HotMemory(clock.now, limit)) as unknown as KVNamespace, calls, found };
  }

  it('what was read before a write that has ended meanwhile is not kept', async () => {
    const { kv, calls, found } = heldKv();
    const read = kv.get('k', HOT);
    const write = kv.put('k', 'new');
    calls[1]!.answer({ value: 2 });
    await write;
    calls[0]!.answer(found('old'));
    expect(await read).toBe('old');
    void kv.get('k', HOT);
    expect(calls.map(({ method }) => method)).toEqual(['get', 'put', 'get']);
  });

  it('nor is what was read beside one that ends later', async () => {
    const { kv, calls, found } = heldKv();
    const write = kv.put('k', 'new');
    const read = kv.get('k', HOT);
    calls[1]!.answer(found('old'));
    expect(await read).toBe('old');
    calls[0]!.answer({ value: 2 });
    await write;
    void kv.get('k', HOT);
    expect(calls).toHaveLength(3);
  });

  it('of two reads the one that began later says what is there', async () => {
    const { kv, calls, found } = heldKv();
    const reads = [kv.get('k', HOT), kv.get('k', HOT)];
    calls[1]!.answer(found('new'));
    await reads[1];
    calls[0]!.answer(found('old'));
    await reads[0];
    expect(await kv.get('k', HOT)).toBe('new');
    expect(calls).toHaveLength(2);
  });

  it('memory has a limit, and what was used stays longest', async () => {
    const { kv, calls, found } = heldKv(20_000);
    const read = async (key: string) => {
      const before = calls.length;
      const value = kv.get(key, HOT);
      if (calls.length === before) return true;
      calls.at(-1)!.answer(found('x'.repeat(1_000)));
      await value;
      return false;
    };
    for (let index = 0; index < 50; index++) {
      await read(`k${index}`);
      expect(await read('k0')).toBe(true);
    }
    expect(await read('k49')).toBe(true);
    const kept = await Array.from({ length: 50 }).reduce<Promise<number>>(
      async (sum, _, index) => (await sum) + Number(await read(`k${49 - index}`)),
      Promise.resolve(0),
    );
    expect(kept).toBeLessThan(15);
  });
});
