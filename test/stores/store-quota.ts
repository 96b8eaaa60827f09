import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QuotaExceeded, type Quota } from '../../host/stores/quota.ts';
import type { OpenedStore } from './store-suite.ts';

const MUCH = 1_000_000_000;
const encoded = (text: string) => new TextEncoder().encode(text);

/** How much the entries of a group take: those with keys that are the same up to their second slash. */
export function quotaSuite(opened: () => OpenedStore): void {
  describe('a quota', () => {
    const put = async (
      key: string,
      value: string | Uint8Array,
      quota: Partial<Quota>,
      more: { ttl?: number; metadata?: string; ifRevision?: number } = {},
    ) => {
      const bytes = typeof value === 'string' ? encoded(value) : value;
      return opened()
        .store.put(key, bytes, { ...more, quota: { keys: MUCH, bytes: MUCH, ...quota } })
        .catch((error: unknown) => {
          if (error instanceof QuotaExceeded) return error.what;
          throw error;
        });
    };

    it('of keys refuses one more, and writes nothing of it', async () => {
      for (const key of ['k/a/1', 'k/a/2']) expect(await put(key, '', { keys: 2 })).toBeTypeOf('number');
      expect(await put('k/a/3', '', { keys: 2 })).toBe('keys');
      expect(await opened().store.get('k/a/3')).toBeNull();
      expect(await put('k/a/2', 'again', { keys: 2 })).toBeTypeOf('number');
      expect(await put('k/b/1', '', { keys: 2 })).toBeTypeOf('number');
      await opened().store.delete('k/a/1');
      expect(await put('k/a/3', '', { keys: 2 })).toBeTypeOf('number');
    });

    it('of bytes counts keys, values and metadata', async () => {
      const taken = encoded('k/a/üvaluem').byteLength;
      expect(await put('k/a/ü', 'value', { bytes: taken - 1 }, { metadata: 'm' })).toBe('bytes');
      expect(await put('k/a/ü', 'value', { bytes: taken }, { metadata: 'm' })).toBeTypeOf('number');
      expect(await put('k/a/ü', 'value!', { bytes: taken }, { metadata: 'm' })).toBe('bytes');
      expect(await put('k/a/ü', 'value!', { bytes: taken })).toBeTypeOf('number');
      // Less is let through, however much there is.
      expect(await put('k/a/ü', 'v', { bytes: 1 })).toBeTypeOf('number');
    });

    it('counts a value of several megabytes, and lets go of it', async () => {
      await put('k/a/large', new Uint8Array(3_000_000), {});
      expect(await put('k/a/x', 'x', { bytes: 3_000_000 })).toBe('bytes');
      await put('k/a/large', 'small', {});
      expect(await put('k/a/x', 'x', { bytes: 100 })).toBeTypeOf('number');
    });

    it('does not count what has expired', async () => {
      const { clock } = opened();
      await put('k/a/1', 'value', {}, { ttl: 1_000 });
      expect(await put('k/a/2', 'value', { keys: 1 })).toBe('keys');
      await clock.advance(1_001);
      expect(await put('k/a/2', 'value', { keys: 1 })).toBeTypeOf('number');
    });

    it('a conflict comes before it', async () => {
      await put('k/a/1', '', {});
      expect(await put('k/a/2', '', { keys: 1 }, { ifRevision: 7 })).toBeNull();
    });

    it('of writes that come together, those that have room are written', async () => {
      const written = await Promise.all(Array.from({ length: 20 }, (_, index) => put(`k/a/${index}`, '', { keys: 12 })));
      expect(written.filter((result) => result === 'keys')).toHaveLength(8);
      expect((await opened().store.list({ prefix: 'k/a/' })).keys).toHaveLength(12);
    });

    it('holds for the next process', async () => {
      const { reopen } = opened();
      await put('k/a/1', 'value', {});
      if (reopen === null) return;
      const store = await reopen();
      await expect(store.put('k/a/2', encoded(''), { quota: { keys: 1, bytes: MUCH } })).rejects.toThrow(QuotaExceeded);
    });

    it('is exact, whatever was written and taken away before', async () => {
      const key = fc.constantFrom('a', 'b', 'c');
      const step = fc.oneof(
        fc.record({
          do: fc.constant('put' as const),
          key,
          size: fc.integer({ min: 0, max: 50 }),
          ttl: fc.option(fc.integer({ min: 1, max: 100 })),
        }),
        fc.record({ do: fc.constant('delete' as const), key }),
        fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 60 }) }),
      );
      let round = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
          const group = `k/${round++}/`;
          const kept = new Map<string, { size: number; until: number }>();
          let time = 0;
          for (const each of steps) {
            if (each.do === 'wait') {
              time += each.ms;
              await opened().clock.advance(each.ms);
            } else if (each.do === 'delete') {
              await opened().store.delete(group + each.key);
              kept.delete(each.key);
            } else {
              for (const [name, { until }] of kept) if (until <= time) kept.delete(name);
              const size = each.size + group.length + 1;
              const old = kept.get(each.key);
              const sum = [...kept.values()].reduce((total, entry) => total + entry.size, 0) - (old?.size ?? 0) + size;
              const fits = { keys: kept.size + (old ? 0 : 1) <= 2 || old !== undefined, bytes: sum <= 80 || size <= (old?.size ?? 0) };
              const result = await put(
                group + each.key,
                new Uint8Array(each.size),
                { keys: 2, bytes: 80 },
                each.ttl === null ? {} : { ttl: each.ttl },
              );
              expect(typeof result === 'number').toBe(fits.keys && fits.bytes);
              if (typeof result === 'number') kept.set(each.key, { size, until: each.ttl === null ? Infinity : time + each.ttl });
            }
          }
        }),
        { numRuns: 100 },
      );
    });
  });
}
