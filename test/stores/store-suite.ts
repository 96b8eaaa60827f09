import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../host/stores/store.ts';
import { quotaSuite } from './store-quota.ts';
import { byUtf8, keptByModel } from './store-model.ts';

export interface OpenedStore {
  readonly store: Store;
  readonly clock: Clock;
  close(): void | Promise<void>;
  /** Closes it and opens what it left behind; null where nothing outlives it. */
  readonly reopen: (() => Promise<Store>) | null;
}

/** The store's time, in milliseconds; it stands still until it is told to move. */
export interface Clock {
  advance(ms: number): void | Promise<void>;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array) => new TextDecoder().decode(value);

/** What every backend of `Store` promises. */
export function storeSuite(name: string, open: () => Promise<OpenedStore>): void {
  describe(`Store: ${name}`, () => {
    let opened: OpenedStore;
    let store: Store;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.close());

    quotaSuite(() => opened);

    it('get() of a key that was never written is null', async () => {
      expect(await store.get('nothing')).toBeNull();
    });

    it('get() gives what put() wrote, with the revision that put() returned', async () => {
      const revision = await store.put('a', bytes('one'));
      const entry = await store.get('a');
      expect(text(entry!.value)).toBe('one');
      expect(entry!.revision).toBe(revision);
    });

    it('keeps every byte, and an empty value', async () => {
      const every = Uint8Array.from({ length: 256 }, (_, index) => index);
      await store.put('every', every);
      await store.put('empty', new Uint8Array());
      expect([...(await store.get('every'))!.value]).toEqual([...every]);
      expect((await store.get('empty'))!.value.byteLength).toBe(0);
    });

    it('writes the part that a view shows, not the buffer behind it', async () => {
      await store.put('view', bytes('0123456789').subarray(2, 5));
      expect(text((await store.get('view'))!.value)).toBe('234');
    });

    it.each([1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1, 25 * 1024 * 1024 + 1])('keeps a value of %d bytes', async (size) => {
      const written = new Uint8Array(size).map((_, index) => index + (index >> 8) + (index >> 16));
      await store.put('large', written, { metadata: 'beside' });
      const entry = await store.get('large');
      expect(Buffer.from(entry!.value).equals(written)).toBe(true);
      expect(entry!.metadata).toBe('beside');
    });

    it('a large value is gone as a whole: overwritten, deleted or expired', async () => {
      const large = new Uint8Array(3_000_000).fill(1);
      await store.put('a', large);
      await store.put('a', bytes('small'));
      expect(text((await store.get('a'))!.value)).toBe('small');
      await store.put('a', large);
      await store.delete('a');
      await store.put('a', large, { ttl: 10 });
      await opened.clock.advance(10);
      expect(await store.get('a')).toBeNull();
      await store.put('a', new Uint8Array(2_000_000).fill(2), { ttl: 10 });
      const { value } = (await store.get('a'))!;
      expect([value.byteLength, new Set(value)]).toEqual([2_000_000, new Set([2])]);
    });

    it('shares no bytes with who wrote or read them', async () => {
      const written = bytes('kept');
      await store.put('a', written);
      written.fill(0);
      (await store.get('a'))!.value.fill(1);
      expect(text((await store.get('a'))!.value)).toBe('kept');
    });

    describe('revisions', () => {
      it('grow with every write, whatever the key', async () => {
        const revisions = [
          await store.put('a', bytes('1')),
          await store.put('b', bytes('1')),
          await store.put('a', bytes('2')),
        ] as number[];
        expect(revisions[0]).toBeGreaterThan(0);
        expect(revisions[1]).toBeGreaterThan(revisions[0]!);
        expect(revisions[2]).toBeGreaterThan(revisions[1]!);
      });

      it('are not used again after a delete', async () => {
        const first = await store.put('a', bytes('1'));
        await store.delete('a');
        expect(await store.put('a', bytes('2'))).toBeGreaterThan(first!);
      });

      it('are not used again after the store is closed and opened, also when the newest entry was deleted', async ({ skip }) => {
        if (opened.reopen === null) return skip();
        await store.put('a', bytes('1'));
        const last = await store.put('b', bytes('2'));
        await store.delete('b');
        store = await opened.reopen();
        expect(text((await store.get('a'))!.value)).toBe('1');
        expect(await store.get('b')).toBeNull();
        expect(await store.put('c', bytes('3'))).toBeGreaterThan(last!);
      });
    });

    describe('compare-and-set', () => {
      it('put() with the current ifRevision writes', async () => {
        const first = await store.put('a', bytes('1'));
        const second = await store.put('a', bytes('2'), { ifRevision: first! });
        expect(second).toBeGreaterThan(first!);
        expect(text((await store.get('a'))!.value)).toBe('2');
      });

      it('put() with an old ifRevision writes nothing', async () => {
        const first = await store.put('a', bytes('1'));
        const second = await store.put('a', bytes('2'));
        expect(await store.put('a', bytes('3'), { ifRevision: first! })).toBeNull();
        expect(await store.get('a')).toEqual({ value: bytes('2'), revision: second });
      });

      it('put() with ifRevision 0 writes only where there is no entry', async () => {
        expect(await store.put('a', bytes('1'), { ifRevision: 0 })).toBeGreaterThan(0);
        expect(await store.put('a', bytes('2'), { ifRevision: 0 })).toBeNull();
        await store.delete('a');
        expect(await store.put('a', bytes('3'), { ifRevision: 0 })).toBeGreaterThan(0);
      });

      it('put() with the revision of a deleted entry writes nothing', async () => {
        const revision = await store.put('a', bytes('1'));
        await store.delete('a');
        expect(await store.put('a', bytes('2'), { ifRevision: revision! })).toBeNull();
        expect(await store.get('a')).toBeNull();
      });

      it('delete() says whether there was an entry, and with ifRevision takes only that revision', async () => {
        const revision = await store.put('a', bytes('1'));
        expect(await store.delete('a', { ifRevision: revision! + 1 })).toBe(false);
        expect(await store.delete('a', { ifRevision: 0 })).toBe(false);
        expect(await store.get('a')).not.toBeNull();
        expect(await store.delete('a', { ifRevision: revision! })).toBe(true);
        expect(await store.delete('a')).toBe(false);
      });

      it('of many racing writers one wins', async () => {
        const revision = await store.put('a', bytes('start'));
        const results = await Promise.all(
          Array.from({ length: 20 }, (_, index) => store.put('a', bytes(`${index}`), { ifRevision: revision! })),
        );
        const winners = results.flatMap((result, index) => (result === null ? [] : [{ revision: result, value: bytes(`${index}`) }]));
        expect(winners).toHaveLength(1);
        expect(await store.get('a')).toEqual(winners[0]);
      });
    });

    describe('ttl', () => {
      it('takes the entry away when its milliseconds are over, not before', async () => {
        await store.put('a', bytes('1'), { ttl: 1_000 });
        await opened.clock.advance(999);
        expect(await store.get('a')).not.toBeNull();
        await opened.clock.advance(1);
        expect(await store.get('a')).toBeNull();
        expect((await store.list({ prefix: '' })).keys).toEqual([]);
        expect(await store.delete('a')).toBe(false);
      });

      it('an expired entry counts as none for ifRevision', async () => {
        const first = await store.put('a', bytes('1'), { ttl: 1_000 });
        expect(await store.put('a', bytes('2'), { ifRevision: 0 })).toBeNull();
        await opened.clock.advance(1_000);
        expect(await store.put('a', bytes('2'), { ifRevision: first! })).toBeNull();
        expect(await store.put('a', bytes('3'), { ifRevision: 0 })).toBeGreaterThan(first!);
      });

      it('is that of the last write: one without ttl stays', async () => {
        await store.put('a', bytes('1'), { ttl: 1_000 });
        await store.put('a', bytes('2'));
        await opened.clock.advance(10_000);
        expect(text((await store.get('a'))!.value)).toBe('2');
      });
    });

    describe('metadata', () => {
      it('is that of the last write, and lies beside the value', async () => {
        await store.put('a', bytes('1'), { metadata: '{"n":"ü"}' });
        expect(await store.get('a')).toMatchObject({ value: bytes('1'), metadata: '{"n":"ü"}' });
        await store.put('a', bytes('2'));
        expect(await store.get('a')).not.toHaveProperty('metadata');
      });

      it('is listed where it is asked for, an empty one too', async () => {
        await store.put('m/1', bytes('1'), { metadata: 'one' });
        await store.put('m/2', bytes('2'));
        await store.put('m/3', bytes('3'), { metadata: '' });
        await store.put('m/4', bytes('4'), { metadata: 'four' });
        expect(await store.list({ prefix: 'm/' })).not.toHaveProperty('metadata');
        const page = await store.list({ prefix: 'm/', limit: 3, withMetadata: true });
        expect(page.keys).toEqual(['m/1', 'm/2', 'm/3']);
        expect([...page.metadata!]).toEqual([
          ['m/1', 'one'],
          ['m/3', ''],
        ]);
      });
    });

    describe('list()', () => {
      const write = async (...keys: string[]) => {
        for (const key of keys) await store.put(key, bytes(key));
      };

      it('gives the keys with a prefix, and all of them for an empty one', async () => {
        await write('a/1', 'a/2', 'a', 'b/1', 'A/1');
        expect(await store.list({ prefix: 'a/' })).toEqual({ keys: ['a/1', 'a/2'] });
        expect(await store.list({ prefix: '' })).toEqual({ keys: ['A/1', 'a', 'a/1', 'a/2', 'b/1'] });
        expect(await store.list({ prefix: 'c' })).toEqual({ keys: [] });
      });

      it('sorts by the bytes of UTF-8: characters beyond the BMP come last', async () => {
        const keys = ['z', 'é', '\u{1F600}', '\uFF21', '\uE000', '\uD7FF', 'Z', 'ä', '\u{10FFFF}', '\u{10FFFF}x'];
        await write(...keys);
        expect((await store.list({ prefix: '' })).keys).toEqual(keys.toSorted(byUtf8));
      });

      it.each(['%', '_', '?', '*', '[a]', '\\', "'", '"', '\0', '\uD7FF', '\u{1F600}', '\u{10FFFF}'])(
        'takes %j in keys and prefixes for what it is',
        async (odd) => {
          await write('x', 'xx/1', 'x\uE000', `x${odd}1`, `x${odd}2`, `y${odd}`);
          expect((await store.list({ prefix: `x${odd}` })).keys).toEqual([`x${odd}1`, `x${odd}2`]);
          expect(text((await store.get(`y${odd}`))!.value)).toBe(`y${odd}`);
          expect(await store.delete(`x${odd}1`)).toBe(true);
          expect((await store.list({ prefix: `x${odd}` })).keys).toEqual([`x${odd}2`]);
        },
      );

      it('gives pages of limit keys, the cursor leading to the next, and no cursor with the last', async () => {
        await write('p/1', 'p/2', 'p/3', 'p/4', 'q');
        const first = await store.list({ prefix: 'p/', limit: 2 });
        expect(first.keys).toEqual(['p/1', 'p/2']);
        const second = await store.list({ prefix: 'p/', limit: 2, cursor: first.cursor! });
        expect(second).toEqual({ keys: ['p/3', 'p/4'] });
      });

      it('goes on from a cursor whose key has been deleted meanwhile', async () => {
        await write('p/1', 'p/2', 'p/3');
        const { cursor } = await store.list({ prefix: 'p/', limit: 2 });
        await store.delete('p/2');
        expect((await store.list({ prefix: 'p/', cursor: cursor! })).keys).toEqual(['p/3']);
      });

      it('gives 1,000 keys where no limit is given', async () => {
        for (let index = 0; index < 1_001; index++) await store.put(`n/${String(index).padStart(4, '0')}`, bytes('x'));
        const page = await store.list({ prefix: 'n/' });
        expect(page.keys).toHaveLength(1_000);
        expect((await store.list({ prefix: 'n/', cursor: page.cursor! })).keys).toEqual(['n/1000']);
      });
    });

    it('does what a simple model does, whatever the order of calls', () => keptByModel(store, opened.clock));
  });
}
