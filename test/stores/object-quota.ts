import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { weightOf } from '../../host/stores/object-rules.ts';
import type { ObjectBytes, Objects } from '../../host/stores/objects.ts';
import { QuotaExceeded, type Quota } from '../../host/stores/quota.ts';

const MUCH = 1_000_000_000_000;
const NO_FACTS = { httpMetadata: {}, customMetadata: {} };
const PART = 5 * 1024 * 1024;

export interface ObjectQuotaOptions {
  /** Where others write to the same objects at once: what comes together is held apart only when it is entered. */
  readonly shared?: boolean;
  readonly runs: number;
}

/** How much a bucket may have: objects, uploads that have not ended, and their parts. */
export function objectQuotaSuite(opened: () => Objects, { shared = false, runs }: ObjectQuotaOptions): void {
  describe('a quota of objects', () => {
    const quotaOf = (quota: Partial<Quota>) => ({ quota: { keys: MUCH, bytes: MUCH, ...quota } });
    const refusal = (error: unknown) => {
      if (error instanceof QuotaExceeded) return error.what;
      throw error;
    };
    const put = (key: string, body: ObjectBytes | number, quota: Partial<Quota>) =>
      opened()
        .put(key, typeof body === 'number' ? new Uint8Array(body) : body, quotaOf(quota))
        .then((object) => object!.size, refusal);
    const overhead = (key: string) => weightOf(key, {});

    it('of their number refuses one more, and writes nothing of it', async () => {
      for (const key of ['bucket/a/1', 'bucket/a/2']) expect(await put(key, 1, { keys: 2 })).toBe(1);
      expect(await put('bucket/a/3', 1, { keys: 2 })).toBe('keys');
      expect(await opened().head('bucket/a/3')).toBeNull();
      expect(await put('bucket/a/2', 2, { keys: 2 })).toBe(2);
      expect(await put('bucket/b/1', 1, { keys: 2 })).toBe(1);
      expect(await put('function/a/a/1', 1, { keys: 1 })).toBe(1);
      expect(await put('function/a/b/1', 1, { keys: 1 })).toBe(1);
      expect(await put('function/a/b/2', 1, { keys: 1 })).toBe('keys');
      await opened().delete(['bucket/a/1']);
      expect(await put('bucket/a/3', 1, { keys: 2 })).toBe(1);
    });

    it('of bytes counts keys and metadata too, and lets through what takes no more than before', async () => {
      const key = 'bucket/bytes/ü';
      const facts = { ...NO_FACTS, customMetadata: { is: 'ü'.repeat(3_000) } };
      const bytes = weightOf(key, { size: 10, ...facts });
      const write = (size: number, most: number) =>
        opened()
          .put(key, new Uint8Array(size), { ...facts, ...quotaOf({ bytes: most }) })
          .then((object) => object!.size, refusal);
      expect(await write(10, bytes - 1)).toBe('bytes');
      expect(await write(10, bytes)).toBe(10);
      expect(await write(11, bytes)).toBe('bytes');
      expect(await write(9, 1)).toBe(9);
      expect(await put('bucket/bytes/x', 10, { bytes: bytes - 1 + overhead('bucket/bytes/x') })).toBe('bytes');
      expect(await put('bucket/bytes/x', 10, { bytes: bytes - 1 + 10 + overhead('bucket/bytes/x') })).toBe(10);
    });

    it('cuts a stream off while it comes, which leaves what was there', async () => {
      await put('bucket/cut/a', 7, {});
      let given = 0;
      const endless = new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            given += 100_000;
            controller.enqueue(new Uint8Array(100_000));
          },
        },
        { highWaterMark: 0 },
      );
      expect(await put('bucket/cut/a', endless, { bytes: 1_000_000 })).toBe('bytes');
      expect(given).toBeLessThan(1_500_000);
      expect((await opened().head('bucket/cut/a'))!.size).toBe(7);
      expect(await put('bucket/cut/b', 900_000, { bytes: 1_000_000 })).toBe(900_000);
    });

    it('a condition comes before it', async () => {
      await put('bucket/check/a', 1, {});
      expect(await opened().put('bucket/check/b', new Uint8Array(1), { check: () => false, ...quotaOf({ keys: 1 }) })).toBeNull();
      expect(await opened().put('bucket/check/a', new Uint8Array(9), { check: () => false, ...quotaOf({ bytes: 1 }) })).toBeNull();
    });

    it('of writes that come together, those that have room are written', async () => {
      const written = await Promise.all(Array.from({ length: 20 }, (_, index) => put(`bucket/many/${index}`, 1, { keys: 12 })));
      expect(written.filter((result) => result === 'keys')).toHaveLength(8);
      const page = await opened().list({ prefix: 'bucket/many/', limit: 1000, include: [] });
      expect(page.objects).toHaveLength(12);
    });

    if (!shared) {
      it('streams that come together take no more than there is room for, while they come', async () => {
        let held = 0;
        let most = 0;
        const slow = () => {
          let own = 0;
          const source = {
            async pull(controller: ReadableStreamDefaultController<Uint8Array>) {
              await new Promise((resolve) => setImmediate(resolve));
              if (own > 5_000_000) return controller.close();
              own += 50_000;
              most = Math.max(most, (held += 50_000));
              return controller.enqueue(new Uint8Array(50_000));
            },
            cancel: () => void (held -= own),
          };
          return new ReadableStream<Uint8Array>(source, { highWaterMark: 0 });
        };
        const ended = await Promise.all(Array.from({ length: 8 }, (_, index) => put(`bucket/slow/${index}`, slow(), { bytes: 1_000_000 })));
        expect(ended).toEqual(Array(8).fill('bytes'));
        expect(most).toBeLessThan(1_600_000);
        expect(await put('bucket/slow/a', 900_000, { bytes: 1_000_000 })).toBe(900_000);
      });
    }

    it('holds for uploads and their parts, which give back what no object has got', async () => {
      const objects = opened();
      const key = 'bucket/parts/a';
      const most = quotaOf({ bytes: 2 * PART + 1_000, keys: 4 });
      const begin = () => objects.createUpload(key, NO_FACTS, most).then((id) => ({ key, id }));
      const part = (upload: { key: string; id: string }, partNumber: number, size: number) =>
        objects.putPart(upload, { partNumber, body: new Uint8Array(size) }, most).catch(refusal);
      const upload = await begin();
      const first = await part(upload, 1, PART);
      const [second, over] = [await part(upload, 2, 500), await part(upload, 3, PART + 501)];
      expect(over).toBe('bytes');
      expect(await part(upload, 3, 1)).not.toBe('keys');
      expect(await part(upload, 4, 1)).toBe('keys');
      expect(await part(upload, 3, 2)).not.toBe('keys');
      await expect(begin()).rejects.toThrow(QuotaExceeded);
      await objects.endUpload(upload, [
        { partNumber: 1, etag: first },
        { partNumber: 2, etag: second },
      ]);
      const other = await begin();
      expect(await part(other, 1, PART + 10_000)).toBe('bytes');
      expect(await part(other, 1, 100)).not.toBe('bytes');
      expect(await part(other, 2, 1)).not.toBe('keys');
      expect(await part(other, 3, 1)).toBe('keys');
      await objects.endUpload(other, null);
      for (const name of ['b', 'c', 'd']) expect(await put(`bucket/parts/${name}`, 1, { keys: 4 })).toBe(1);
      expect(await put('bucket/parts/e', 1, { keys: 4 })).toBe('keys');
    });

    it('is exact, whatever was written and taken away before', async () => {
      const key = fc.constantFrom('a', 'b', 'c');
      const step = fc.oneof(
        fc.record({ do: fc.constant('put' as const), key, size: fc.integer({ min: 0, max: 50 }) }),
        fc.record({ do: fc.constant('delete' as const), key }),
      );
      let round = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
          const bucket = `bucket/exact-${round++}/`;
          const kept = new Map<string, number>();
          for (const each of steps) {
            const name = bucket + each.key;
            if (each.do === 'delete') {
              await opened().delete([name]);
              kept.delete(each.key);
              continue;
            }
            const size = each.size + overhead(name);
            const old = kept.get(each.key);
            const sum = [...kept.values()].reduce((total, one) => total + one, size - (old ?? 0));
            const most = 2 * overhead(name) + 60;
            const fits = (old !== undefined || kept.size < 2) && (sum <= most || size <= (old ?? 0));
            expect(typeof (await put(name, each.size, { keys: 2, bytes: most })) === 'number').toBe(fits);
            if (fits) kept.set(each.key, size);
          }
        }),
        { numRuns: runs },
      );
    });
  });
}
