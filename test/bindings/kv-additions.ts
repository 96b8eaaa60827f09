import { describe, expect, it } from 'vitest';
import type { TestKv } from './kv.ts';

/** What Brink's namespaces have beyond those of Workers. */
export function additionsSuite(open: () => TestKv): void {
  describe('getWithRevision() and ifRevision', () => {
    it('a key without a value has revision 0', async () => {
      expect(await open().getWithRevision('r/none')).toEqual({ value: null, metadata: null, revision: 0 });
    });

    it('a revision grows with each write, and comes with the value', async () => {
      const kv = open();
      await kv.put('r/a', '{"n":1}', { metadata: 'm' });
      const first = await kv.getWithRevision('r/a', 'json');
      expect(first).toEqual({ value: { n: 1 }, metadata: 'm', revision: expect.any(Number) as number });
      await kv.put('r/a', '2');
      expect((await kv.getWithRevision('r/a')).revision).toBeGreaterThan(first.revision);
    });

    it('put() with the current one writes, and gives the next', async () => {
      const kv = open();
      const created = (await kv.put('r/cas', '1', { ifRevision: 0 })) as { revision: number };
      const { revision } = (await kv.put('r/cas', '2', { ifRevision: created.revision })) as { revision: number };
      expect(await kv.getWithRevision('r/cas')).toEqual({ value: '2', metadata: null, revision });
    });

    it('put() with an old one is a conflict, and writes nothing', async () => {
      const kv = open();
      await kv.put('r/old', '1');
      const { revision } = await kv.getWithRevision('r/old');
      await kv.put('r/old', '2');
      const conflict = { name: 'ConflictError', code: 'conflict', message: expect.stringContaining('"r/old"') as string };
      await expect(kv.put('r/old', '3', { ifRevision: revision })).rejects.toMatchObject(conflict);
      await expect(kv.put('r/old', '3', { ifRevision: 0 })).rejects.toMatchObject(conflict);
      expect(await kv.get('r/old')).toBe('2');
    });

    it('of racing writers one wins', async () => {
      const kv = open();
      const results = await kv.all(Array.from({ length: 20 }, (_, index) => ['put', 'r/race', `${index}`, { ifRevision: 0 }] as const));
      const won = results.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []));
      expect(won).toHaveLength(1);
      expect(await kv.get('r/race')).toBe(`${won[0]}`);
    });

    it('what is no revision is refused', async () => {
      for (const ifRevision of [-1, 1.5, '1', {}])
        await expect(open().put('r/bad', '1', { ifRevision })).rejects.toMatchObject({ name: 'TypeError' });
    });
  });

  describe('fence', () => {
    const fenced = { name: 'FencedError', code: 'fenced' };

    it('put() with a greater one, or the same, writes', async () => {
      const kv = open();
      for (const fence of [7, 7, 8]) await kv.put('f/a', `${fence}`, { fence, metadata: 'm' });
      expect(await kv.getWithMetadata('f/a')).toMatchObject({ value: '8', metadata: 'm' });
    });

    it('put() with an older one is refused, and writes nothing', async () => {
      const kv = open();
      await kv.put('f/b', 'new', { fence: 9 });
      await expect(kv.put('f/b', 'old', { fence: 8 })).rejects.toMatchObject(fenced);
      await expect(kv.delete('f/b', { fence: 8 })).rejects.toMatchObject(fenced);
      await expect(kv.increment('f/b', 1, { fence: 8 })).rejects.toMatchObject(fenced);
      expect(await kv.get('f/b')).toBe('new');
    });

    it('goes with ifRevision, and counts before it', async () => {
      const kv = open();
      const { revision } = (await kv.put('f/c', '1', { fence: 5, ifRevision: 0 })) as { revision: number };
      await expect(kv.put('f/c', '2', { fence: 4, ifRevision: revision })).rejects.toMatchObject(fenced);
      await expect(kv.put('f/c', '2', { fence: 5, ifRevision: 0 })).rejects.toMatchObject({ code: 'conflict' });
      await kv.put('f/c', '2', { fence: 5, ifRevision: revision });
      expect(await kv.get('f/c')).toBe('2');
    });

    it('delete() with one remembers it, and nothing else is left', async () => {
      const kv = open();
      await kv.put('f/d/1', '1', { fence: 5, metadata: 'm' });
      await kv.put('f/d/2', '2');
      await kv.put('f/d/3', '3', { fence: 6 });
      for (const key of ['f/d/1', 'f/d/3', 'f/d/never']) await kv.delete(key, { fence: 6 });
      expect(await kv.get(['f/d/1', 'f/d/3', 'f/d/never'])).toEqual(new Map(['f/d/1', 'f/d/3', 'f/d/never'].map((key) => [key, null])));
      expect(await kv.getWithRevision('f/d/1')).toEqual({ value: null, metadata: null, revision: 0 });
      expect(await kv.list({ prefix: 'f/d/', limit: 1 })).toMatchObject({ keys: [{ name: 'f/d/2' }] });
      expect((await kv.list({ prefix: 'f/d/' })).keys).toEqual([{ name: 'f/d/2' }]);
      for (const key of ['f/d/1', 'f/d/never']) await expect(kv.put(key, 'old', { fence: 5 })).rejects.toMatchObject(fenced);
      expect(await kv.increment('f/d/1', 3, { fence: 6 })).toBe(3);
      await expect(kv.put('f/d/1', 'old', { fence: 5 })).rejects.toMatchObject(fenced);
      await kv.put('f/d/3', 'again', { ifRevision: 0 });
      expect(await kv.get('f/d/3')).toBe('again');
    });

    it('a write without one is done, and the key forgets; increment() keeps it', async () => {
      const kv = open();
      await kv.put('f/e', '1', { fence: 9 });
      await kv.increment('f/e');
      await expect(kv.put('f/e', 'old', { fence: 8 })).rejects.toMatchObject(fenced);
      await kv.put('f/e', 'plain');
      await kv.put('f/e', 'old', { fence: 8 });
      await kv.delete('f/e');
      await kv.put('f/e', 'older', { fence: 1 });
      expect(await kv.get('f/e')).toBe('older');
    });

    it('what is no fence is refused', async () => {
      for (const fence of [-1, 1.5, '1', {}])
        await expect(open().put('f/bad', '1', { fence })).rejects.toMatchObject({ name: 'TypeError' });
    });
  });

  describe('increment()', () => {
    it('counts from 0, by 1 or what is given', async () => {
      const kv = open();
      expect(await kv.increment('i/a')).toBe(1);
      expect(await kv.increment('i/a')).toBe(2);
      expect(await kv.increment('i/a', 40)).toBe(42);
      expect(await kv.increment('i/a', -50)).toBe(-8);
      expect(await kv.get('i/a')).toBe('-8');
    });

    it('loses nothing where many count at once', async () => {
      const kv = open();
      const results = await kv.all(Array.from({ length: 100 }, () => ['increment', 'i/race'] as const));
      const sums = results.map((result) => (result.status === 'fulfilled' ? (result.value as number) : NaN));
      expect(sums.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    });

    it('keeps metadata and expiration', async () => {
      const kv = open();
      await kv.put('i/meta', '1', { metadata: { m: 1 }, expirationTtl: 600 });
      const before = (await kv.list({ prefix: 'i/meta' })).keys;
      await kv.increment('i/meta');
      expect((await kv.list({ prefix: 'i/meta' })).keys).toEqual(before);
      expect(await kv.getWithMetadata('i/meta')).toMatchObject({ value: '2', metadata: { m: 1 } });
    });

    it('a value that is no whole number stays as it is', async () => {
      const kv = open();
      for (const value of ['', 'one', '1.5', '1 ', '0x1', '9223372036854775808', '1'.repeat(400)]) {
        await kv.put('i/text', value);
        await expect(kv.increment('i/text')).rejects.toThrow(
          'KV INCREMENT failed: 409 the value of "i/text" is no whole number of 64 bits.',
        );
        expect(await kv.get('i/text')).toBe(value);
      }
    });

    it('has 64 bits with a bigint, and those of a number without', async () => {
      const kv = open();
      expect(await kv.increment('i/big', 9_007_199_254_740_991n)).toBe(9_007_199_254_740_991n);
      await expect(kv.increment('i/big', 1)).rejects.toMatchObject({ name: 'RangeError' });
      expect(await kv.increment('i/big', 9_214_364_837_600_034_815n)).toBe(2n ** 63n - 1n);
      await expect(kv.increment('i/big', 1n)).rejects.toMatchObject({ name: 'RangeError' });
      expect(await kv.get('i/big')).toBe('9223372036854775807');
      for (const by of [1.5, NaN, '1', null]) await expect(kv.call('increment', 'i/big', by)).rejects.toMatchObject({ name: 'TypeError' });
      await expect(kv.increment('i/big', 2n ** 64n)).rejects.toMatchObject({ name: 'TypeError' });
    });

    it('needs a key like the others', async () => {
      await expect(open().increment('')).rejects.toMatchObject({ name: 'TypeError', message: 'Key name cannot be empty.' });
    });
  });

  describe('a cursor', () => {
    it('that no list gave is refused', async () => {
      for (const cursor of ['%', 'ü', 'x'.repeat(5_000), '/w=='])
        await expect(open().list({ cursor })).rejects.toThrow('KV GET failed: 400 Invalid cursor.');
    });

    it('goes on where its key has been deleted meanwhile', async () => {
      const kv = open();
      for (const key of ['c/1', 'c/2', 'c/3']) await kv.put(key, '');
      const { cursor } = (await kv.list({ prefix: 'c/', limit: 2 })) as { cursor: string };
      await kv.delete('c/2');
      expect((await kv.list({ prefix: 'c/', cursor })).keys).toEqual([{ name: 'c/3' }]);
    });
  });

  it('a key of half a character is that of U+FFFD', async () => {
    const kv = open();
    await kv.put('half/\ud83d', '1');
    expect(await kv.get('half/\ufffd')).toBe('1');
    expect(await kv.get('half/\ud83d')).toBe('1');
  });

  it('no value is none', async () => {
    for (const value of [undefined, null]) await expect(open().put('v', value)).rejects.toMatchObject({ name: 'TypeError' });
  });

  it('no key is none', async () => {
    for (const [method, ...rest] of [['get'], ['put', 'x'], ['delete'], ['increment']] as [string, ...string[]][])
      await expect(open().call(method, undefined, ...rest)).rejects.toMatchObject({ name: 'TypeError', message: 'A key is a string.' });
  });
}
