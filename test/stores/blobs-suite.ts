import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Blobs } from '../../host/stores/blobs.ts';

export interface OpenedBlobs {
  readonly blobs: Blobs;
  close(): void | Promise<void>;
}

/** What every backend of `Blobs` promises. */
export function blobsSuite(name: string, open: () => Promise<OpenedBlobs>): void {
  describe(`Blobs: ${name}`, () => {
    let opened: OpenedBlobs;
    let blobs: Blobs;
    beforeEach(async () => {
      opened = await open();
      blobs = opened.blobs;
    });
    afterEach(() => opened.close());

    it('get() gives what put() wrote, and null where nothing was', async () => {
      await blobs.put('a', Uint8Array.of(1, 2, 3));
      expect([...(await blobs.get('a'))!]).toEqual([1, 2, 3]);
      expect(await blobs.get('b')).toBeNull();
    });

    it('keeps an empty blob apart from none', async () => {
      await blobs.put('empty', new Uint8Array());
      expect((await blobs.get('empty'))!.byteLength).toBe(0);
      expect(await blobs.list('')).toEqual(['empty']);
      expect(await blobs.delete('empty')).toBe(true);
      expect(await blobs.get('empty')).toBeNull();
    });

    it.each([1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1, 5_000_000])('keeps %d bytes as they are', async (size) => {
      const written = noise(size);
      await blobs.put('large', written);
      expect(Buffer.from((await blobs.get('large'))!).equals(written)).toBe(true);
    });

    it('put() over a longer blob leaves nothing of it', async () => {
      await blobs.put('a', noise(3_000_000));
      await blobs.put('a', Uint8Array.of(7));
      expect([...(await blobs.get('a'))!]).toEqual([7]);
    });

    it('shares no bytes with who wrote or read them', async () => {
      const written = Uint8Array.of(1, 2);
      await blobs.put('a', written);
      written.fill(0);
      (await blobs.get('a'))!.fill(9);
      expect([...(await blobs.get('a'))!]).toEqual([1, 2]);
    });

    it('writes the part that a view shows, not the buffer behind it', async () => {
      await blobs.put('a', Uint8Array.of(0, 1, 2, 3).subarray(1, 3));
      expect([...(await blobs.get('a'))!]).toEqual([1, 2]);
    });

    it('delete() says whether there was one', async () => {
      await blobs.put('a', noise(2_500_000));
      expect(await blobs.delete('a')).toBe(true);
      expect(await blobs.delete('a')).toBe(false);
      expect(await blobs.get('a')).toBeNull();
    });

    it('list() gives each key with the prefix once, in the order of UTF-8 bytes', async () => {
      for (const key of ['p/\u{1F600}', 'p/\uFF21', 'p/b', 'p/%', 'p_', 'q']) await blobs.put(key, noise(10));
      await blobs.put('p/large', noise(2_500_000));
      expect(await blobs.list('p/')).toEqual(['p/%', 'p/b', 'p/large', 'p/\uFF21', 'p/\u{1F600}']);
      expect(await blobs.list('p/%')).toEqual(['p/%']);
      expect(await blobs.list('x')).toEqual([]);
    });

    it('of racing writers of one key one whole blob is left', async () => {
      await Promise.all([1, 2, 3, 4].map((fill) => blobs.put('a', new Uint8Array(1_500_000).fill(fill))));
      const left = (await blobs.get('a'))!;
      expect(left.byteLength).toBe(1_500_000);
      expect(new Set(left).size).toBe(1);
    });
  });
}

/** Bytes with no period that a lost or swapped part could hide in. */
function noise(size: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length: size }, () => (state = Math.imul(state, 1_103_515_245) + 12_345) >>> 16);
}
