import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { BriefMap } from '../../host/platforms/node/brief-map.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options?: { readonly type: 'minor' }) => void;
const MB = 1024 * 1024;

interface Entry {
  readonly id: number;
  readonly data: readonly number[];
}

type Churned = Pick<BriefMap<Entry>, 'set' | 'delete'> | Map<number, Entry>;

/** Bytes that stay after 20,000 entries of 1 KB have come and gone, 32 of them at a time, and the cheap collections have run. */
function left(map: Churned): number {
  // The table that is there now lies in the old generation then.
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let id = 0; id < 20_000; id++) {
    map.set(id, { id, data: Array.from({ length: 128 }, () => 0.5) });
    if (id >= 32) map.delete(id - 32);
    if (id % 1_000 === 0) collect({ type: 'minor' });
  }
  collect({ type: 'minor' });
  collect({ type: 'minor' });
  return process.memoryUsage().heapUsed - before;
}

describe('BriefMap', () => {
  it('is a map', () => {
    const map = new BriefMap<{ readonly name: string }>();
    const [one, two] = [{ name: 'one' }, { name: 'two' }];
    map.set(1, one);
    map.set(2, two);
    expect([map.size, map.has(1), map.get(1), map.get(3), map.values()]).toEqual([2, true, one, undefined, [one, two]]);
    expect([map.delete(1), map.delete(1), map.has(1), map.size]).toEqual([true, false, false, 1]);
    map.clear();
    expect([map.size, map.values()]).toEqual([0, []]);
  });

  it.each([1, 3, 64, 4_096])('holds what lasts, what is set again, and many at once: every %i-th', (step) => {
    const map = new BriefMap<{ key: number }>();
    const model = new Map<number, { key: number }>();
    const check = () => {
      expect(map.size).toBe(model.size);
      expect(map.values().toSorted((a, b) => a.key - b.key)).toEqual([...model.values()].toSorted((a, b) => a.key - b.key));
    };
    for (let count = 0; count < 2_000; count++) {
      const key = count * step;
      for (const each of [map, model]) each.set(key, { key });
      // Of those before, one in ten lasts.
      for (const old of [key - 200 * step, key - 40 * step]) {
        const lasts = (old / step) % 10 === 0;
        if (old >= 0 && !lasts) expect(map.delete(old)).toBe(model.delete(old));
        else if (old >= 0) for (const each of [map, model]) each.set(old, { key: old });
        expect(map.get(old)).toEqual(model.get(old));
      }
      if (count % 250 === 0) check();
    }
    check();
    for (const key of model.keys())
      expect([map.has(key), map.get(key), map.delete(key), map.has(key)]).toEqual([true, { key }, true, false]);
    expect([map.size, map.values()]).toEqual([0, []]);
  });

  it('lets go of what is deleted, where a Map keeps it until all is collected', () => {
    expect(left(new BriefMap())).toBeLessThan(4 * MB);
    // Where this is so no more, neither is the class of use. V8 may collect all in the middle of it.
    expect(Math.max(...[1, 2, 3].map(() => left(new Map())))).toBeGreaterThan(10 * MB);
  });

  it('finds by a value, also what had to make room', () => {
    const map = new BriefMap<{ readonly of: number }>();
    const keys = [1, 65, 129, 1 + 2 ** 20];
    for (const key of keys) map.set(key, { of: key });
    for (const key of keys) expect(map.keyOf((value) => value.of === key)).toBe(key);
    map.delete(65);
    expect(map.keyOf((value) => value.of === 65)).toBeUndefined();
  });

  it('works where a function has changed the prototypes', () => {
    const { get, set } = Map.prototype;
    const map = new BriefMap<{ readonly name: string }>();
    try {
      Map.prototype.get = Map.prototype.set = () => {
        throw new Error('changed');
      };
      map.set(1, { name: 'one' });
      expect(map.get(1)).toEqual({ name: 'one' });
    } finally {
      Object.assign(Map.prototype, { get, set });
    }
  });
});
