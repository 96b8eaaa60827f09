import { afterAll, beforeAll, describe, expect, it as run } from 'vitest';
import { additionsSuite } from './kv-additions.ts';
import { clockSuite } from './kv-clock.ts';
import { tag, type TestKv } from './kv.ts';

export interface OpenedKv {
  readonly kv: TestKv;
  /** Where time stands still until it is told to move. */
  readonly clock?: { readonly now: () => number; advance(ms: number): void | Promise<void> };
  close(): void | Promise<void>;
}

export interface KvSuiteOptions {
  readonly open: () => Promise<OpenedKv>;
  /** Tests that this one is known to fail, and why. One that passes all the same fails the suite. */
  readonly deviations?: Readonly<Record<string, string>>;
  /** Whether it has what Brink adds. */
  readonly additions?: boolean;
  /** Whether `open` gives a clock. */
  readonly clock?: boolean;
}

export type It = (name: string, test: () => Promise<void>, timeout?: number) => void;

const MIB = 1024 * 1024;
const MAX = 25 * MIB;

/** What a KV namespace promises, as Workers has it. */
export function kvSuite(name: string, { open, deviations = {}, additions = true, clock = false }: KvSuiteOptions): void {
  describe(`KV: ${name}`, () => {
    let opened: OpenedKv;
    let kv: TestKv;
    beforeAll(async () => {
      opened = await open();
      kv = opened.kv;
    });
    afterAll(() => opened.close());
    const it: It = (title, test, timeout = 15_000) => {
      const reason = deviations[title];
      if (reason === undefined) run(title, test, timeout);
      else run.fails(`${title} (differs: ${reason})`, test, timeout);
    };

    describe('get() and put()', () => {
      it('a key that was never written has null for a value', async () => {
        expect(await kv.get('nothing')).toBeNull();
        expect(await kv.get('nothing', 'json')).toBeNull();
        expect(await kv.getWithMetadata('nothing')).toEqual({ value: null, metadata: null, cacheStatus: null });
      });

      it('put() resolves to nothing', async () => {
        expect(await kv.put('p', '1')).toBeUndefined();
      });

      it('a value comes back as text, JSON, buffer and stream', async () => {
        await kv.put('typed', '{"a":"ü"}');
        expect(await kv.get('typed')).toBe('{"a":"ü"}');
        expect(await kv.get('typed', 'text')).toBe('{"a":"ü"}');
        expect(await kv.get('typed', { type: 'json' })).toEqual({ a: 'ü' });
        const bytes = '{"a":"Ã¼"}';
        expect(await kv.get('typed', 'arrayBuffer')).toEqual({ t: 'buffer', v: bytes });
        expect(await kv.get('typed', { type: 'stream' })).toEqual({ t: 'stream', v: bytes });
      });

      it('takes strings, buffers, views and streams', async () => {
        for (const t of ['view', 'buffer', 'stream'] as const) {
          await kv.put(`in-${t}`, tag({ t, v: 'bytes \u00ff\u0000' }));
          expect(await kv.get(`in-${t}`, 'arrayBuffer')).toEqual({ t: 'buffer', v: 'bytes \u00ff\u0000' });
        }
      });

      it('an empty value is one', async () => {
        await kv.put('empty', '');
        expect(await kv.get('empty')).toBe('');
        expect(await kv.get('empty', 'stream')).toEqual({ t: 'stream', v: '' });
        await kv.put('empty-buffer', tag({ t: 'buffer', v: '' }));
        expect(await kv.get('empty-buffer')).toBe('');
        await kv.put('empty-stream', tag({ t: 'stream', v: '' }));
        expect(await kv.get('empty-stream')).toBe('');
      });

      it('a later value takes the place of an earlier one', async () => {
        await kv.put('twice', 'a long first value');
        await kv.put('twice', 'second');
        expect(await kv.get('twice')).toBe('second');
      });

      it('bytes that are no UTF-8 are replaced in text', async () => {
        await kv.put('invalid', tag({ t: 'buffer', v: 'a\u00ffb' }));
        expect(await kv.get('invalid')).toBe('a\ufffdb');
      });

      it('a byte order mark stays in text', async () => {
        await kv.put('bom', '\ufeffa');
        expect(await kv.get('bom')).toBe('\ufeffa');
      });

      it('a value that is no JSON rejects with a SyntaxError', async () => {
        await kv.put('no-json', '{');
        await expect(kv.get('no-json', 'json')).rejects.toMatchObject({ name: 'SyntaxError' });
      });

      it('a type that is none rejects, where there is a value', async () => {
        await kv.put('a', '1');
        await expect(kv.call('get', 'a', 'xml')).rejects.toMatchObject({
          name: 'TypeError',
          message: expect.stringContaining('Unknown response type.') as string,
        });
        expect(await kv.call('get', 'nothing', 'xml')).toBeNull();
      });

      it('cacheTtl is taken from 30 seconds on', async () => {
        expect(await kv.get('nothing', { cacheTtl: 30 })).toBeNull();
        await expect(kv.get('nothing', { cacheTtl: 29 })).rejects.toThrow(
          'KV GET failed: 400 Invalid cache_ttl of 29. Cache TTL must be at least 30.',
        );
      });

      it('an object is no value', async () => {
        await expect(kv.put('object', { a: 1 })).rejects.toMatchObject({
          name: 'TypeError',
          message: expect.stringContaining(
            'KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.',
          ) as string,
        });
        expect(await kv.get('object')).toBeNull();
      });

      it('a number is written as its text', async () => {
        await kv.put('number', 42);
        expect(await kv.get('number')).toBe('42');
      });

      it('a stream that breaks off writes nothing', async () => {
        await kv.put('broken', 'before');
        await expect(kv.put('broken', tag({ t: 'broken' }))).rejects.toThrow('no more');
        expect(await kv.get('broken')).toBe('before');
      });
    });

    describe('keys', () => {
      const odd = [
        'a b',
        'a/b',
        '/',
        '//',
        'a%2Fb',
        'a%',
        '?q=1&r',
        '#',
        'ü',
        '日本',
        '\u{1F600}',
        '__proto__',
        'constructor',
        '\\',
        '"',
        "'",
        '*',
        '+',
        '...',
        'a.',
        '\u0001',
        'é',
        'e\u0301',
      ];

      it('are what they are, whatever stands in them', async () => {
        await kv.all(odd.map((key) => ['put', `odd:${key}`, key]));
        await kv.all(odd.map((key) => ['put', key, `whole ${key}`]));
        for (const key of odd) {
          expect(await kv.get(`odd:${key}`)).toBe(key);
          expect(await kv.get(key)).toBe(`whole ${key}`);
        }
        await kv.all(odd.map((key) => ['delete', key]));
        for (const key of odd) expect(await kv.get(key)).toBeNull();
      });

      it('a number is the text of it', async () => {
        await kv.call('put', 7, 'seven');
        expect(await kv.get('7')).toBe('seven');
        expect(await kv.call('get', 7)).toBe('seven');
      });

      it('without a name, or . or .., are refused', async () => {
        for (const order of [
          ['get', ''],
          ['put', '', 'x'],
          ['delete', ''],
          ['getWithMetadata', ''],
        ] as const) {
          const [result] = await kv.all([order]);
          expect(result).toMatchObject({ status: 'rejected', reason: { name: 'TypeError', message: 'Key name cannot be empty.' } });
        }
        for (const key of ['.', '..'])
          await expect(kv.put(key, 'x')).rejects.toMatchObject({ name: 'TypeError', message: `"${key}" is not allowed as a key name.` });
      });

      it('have at most 512 bytes', async () => {
        const longest = `${'ü'.repeat(255)}ab`;
        await kv.put(longest, 'longest');
        expect(await kv.get(longest)).toBe('longest');
        const message = 'UTF-8 encoded length of 513 exceeds key length limit of 512.';
        await expect(kv.get(`${longest}c`)).rejects.toThrow(`KV GET failed: 414 ${message}`);
        await expect(kv.put(`${longest}c`, 'x')).rejects.toThrow(`KV PUT failed: 414 ${message}`);
        await expect(kv.delete(`${longest}c`)).rejects.toThrow(`KV DELETE failed: 414 ${message}`);
      });
    });

    describe('sizes', () => {
      for (const as of ['string', 'buffer', 'stream'] as const) {
        it(`a value of 25 MiB is taken as a ${as}, and comes back whole`, async () => {
          await kv.put('large', tag({ t: 'fill', size: MAX, as }));
          const type = as === 'string' ? 'text' : as === 'buffer' ? 'arrayBuffer' : 'stream';
          expect(await kv.call('get', 'large', type)).toEqual({ t: 'large', size: MAX, filled: true });
        });

        it(`a value of a byte more is refused as a ${as}, and the one before stays`, async () => {
          await kv.put('larger', 'before');
          await expect(kv.put('larger', tag({ t: 'fill', size: MAX + 1, as }))).rejects.toThrow(
            /^KV PUT failed: 413 Value length of \d+ exceeds limit of 26214400\.$/,
          );
          expect(await kv.get('larger')).toBe('before');
        });
      }

      it('metadata has at most 1024 bytes as JSON', async () => {
        await kv.put('meta', 'x', { metadata: 'm'.repeat(1022) });
        expect((await kv.getWithMetadata('meta')).metadata).toBe('m'.repeat(1022));
        await expect(kv.put('meta', 'y', { metadata: 'm'.repeat(1023) })).rejects.toThrow(
          'KV PUT failed: 413 Metadata length of 1025 exceeds limit of 1024.',
        );
        expect(await kv.get('meta')).toBe('x');
      });
    });

    describe('metadata', () => {
      it('is any JSON, and null where none was put', async () => {
        for (const metadata of [{ a: [1, null, 'x'] }, 'text', 0, false, []]) {
          await kv.put('m', 'v', { metadata });
          expect(await kv.getWithMetadata('m')).toEqual({ value: 'v', metadata, cacheStatus: null });
        }
        await kv.put('m', 'v');
        expect(await kv.getWithMetadata('m')).toEqual({ value: 'v', metadata: null, cacheStatus: null });
        await kv.put('m', 'v', { metadata: null });
        expect((await kv.getWithMetadata('m')).metadata).toBeNull();
      });

      it('comes with each type of value', async () => {
        await kv.put('m', '[1]', { metadata: { n: 1 } });
        expect(await kv.getWithMetadata('m', 'json')).toMatchObject({ value: [1], metadata: { n: 1 } });
        const found = (await kv.getWithMetadata('m', { type: 'stream' })) as unknown as Map<string, unknown>;
        expect(found.get('value')).toEqual({ t: 'stream', v: '[1]' });
        expect(found.get('rest')).toMatchObject({ metadata: { n: 1 } });
      });

      it('of characters beyond ASCII is what it was', async () => {
        await kv.put('m', 'v', { metadata: { ü: '日本 \u{1F600}' } });
        expect((await kv.getWithMetadata('m')).metadata).toEqual({ ü: '日本 \u{1F600}' });
      });
    });

    describe('several keys', () => {
      it('come as a map, with null for those without a value', async () => {
        await kv.put('s/a', '1', { metadata: { n: 1 } });
        await kv.put('s/b', '{"b":2}');
        expect(await kv.get(['s/a', 's/b', 's/none'])).toEqual(
          new Map([
            ['s/a', '1'],
            ['s/b', '{"b":2}'],
            ['s/none', null],
          ]),
        );
        expect(await kv.get(['s/a', 's/b'], 'json')).toEqual(
          new Map<string, unknown>([
            ['s/a', 1],
            ['s/b', { b: 2 }],
          ]),
        );
        expect(await kv.getWithMetadata(['s/a', 's/b', 's/none'])).toEqual(
          new Map([
            ['s/a', { value: '1', metadata: { n: 1 } }],
            ['s/b', { value: '{"b":2}', metadata: null }],
            ['s/none', null],
          ]),
        );
      });

      it('keep the order that they were asked in, each once', async () => {
        await kv.put('s/z', 'z');
        await kv.put('s/y', 'y');
        const found = await kv.get(['s/z', 's/none', 's/y', 's/z']);
        expect([...found]).toEqual([
          ['s/z', 'z'],
          ['s/none', null],
          ['s/y', 'y'],
        ]);
      });

      it('may be numbers', async () => {
        await kv.put('10', 'ten');
        expect(await kv.get(['10', '2'])).toEqual(
          new Map([
            ['10', 'ten'],
            ['2', null],
          ]),
        );
      });

      it('are 1 to 100', async () => {
        const keys = Array.from({ length: 100 }, (_, index) => `s/${index}`);
        expect((await kv.get(keys)).size).toBe(100);
        await expect(kv.get([...keys, 's/100'])).rejects.toThrow('KV GET_BULK failed: 400 You can request a maximum of 100 keys');
        await expect(kv.get([])).rejects.toThrow('KV GET_BULK failed: 400 You must request a minimum of 1 key');
      });

      it('are text or JSON alone', async () => {
        await expect(kv.call('get', ['s/a'], 'arrayBuffer')).rejects.toThrow(
          'KV GET_BULK failed: 400 "arrayBuffer" is not a valid type. Use "json" or "text"',
        );
        await kv.put('s/no-json', '{');
        await expect(kv.get(['s/no-json'], 'json')).rejects.toThrow(
          'KV GET_BULK failed: 400 At least one of the requested keys corresponds to a non-json value',
        );
      });

      it('must be keys, each of them', async () => {
        await expect(kv.get(['s/a', ''])).rejects.toThrow('KV GET_BULK failed: 400 Key names must not be empty');
        await expect(kv.get(['..'])).rejects.toThrow('KV GET_BULK failed: 400 Illegal key name "..". Please use a different name.');
        await expect(kv.get(['k'.repeat(513)])).rejects.toThrow(
          'KV GET_BULK failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512.',
        );
      });

      it('are refused where their values are too much together', async () => {
        for (const key of ['s/large/1', 's/large/2']) await kv.put(key, tag({ t: 'fill', size: 13 * MIB, as: 'string' }));
        await expect(kv.get(['s/large/1', 's/large/2'])).rejects.toThrow(
          'KV GET_BULK failed: 413 Total size of request exceeds the limit of 25MB',
        );
        for (const key of ['s/large/1', 's/large/2']) await kv.delete(key);
      });
    });

    describe('delete()', () => {
      it('takes a value away, with its metadata, and is content where there is none', async () => {
        await kv.put('d', '1', { metadata: 1 });
        expect(await kv.delete('d')).toBeUndefined();
        expect(await kv.getWithMetadata('d')).toEqual({ value: null, metadata: null, cacheStatus: null });
        expect(await kv.delete('d')).toBeUndefined();
      });
    });

    describe('expiration', () => {
      const inAnHour = () => Math.floor((opened.clock?.now() ?? Date.now()) / 1000) + 3_600;

      it('is listed, in seconds since the epoch', async () => {
        const expiration = inAnHour();
        await kv.put('x/at', '1', { expiration });
        await kv.put('x/ttl', '1', { expirationTtl: 3_600 });
        await kv.put('x/stays', '1');
        const { keys } = await kv.list({ prefix: 'x/' });
        expect(keys[0]).toEqual({ name: 'x/at', expiration });
        expect(keys[1]).toEqual({ name: 'x/stays' });
        expect(Math.abs(keys[2]!.expiration! - expiration)).toBeLessThan(60);
      });

      it('is that of the last write', async () => {
        await kv.put('x/last', '1', { expirationTtl: 60 });
        await kv.put('x/last', '2');
        expect((await kv.list({ prefix: 'x/last' })).keys).toEqual([{ name: 'x/last' }]);
      });

      it('expirationTtl counts before expiration', async () => {
        await kv.put('x/both', '1', { expirationTtl: 7_200, expiration: inAnHour() });
        const { keys } = await kv.list({ prefix: 'x/both' });
        expect(keys[0]!.expiration! - inAnHour()).toBeGreaterThan(3_000);
      });

      it('is a minute from now at least', async () => {
        const put = (options: unknown) => kv.put('x/no', '1', options);
        await expect(put({ expirationTtl: 59 })).rejects.toThrow(
          'KV PUT failed: 400 Invalid expiration_ttl of 59. Expiration TTL must be at least 60.',
        );
        await expect(put({ expirationTtl: 0 })).rejects.toThrow(
          'KV PUT failed: 400 Invalid expiration_ttl of 0. Please specify integer greater than 0.',
        );
        await expect(put({ expirationTtl: -1 })).rejects.toThrow(
          'KV PUT failed: 400 Invalid expiration_ttl of -1. Please specify integer greater than 0.',
        );
        await expect(put({ expirationTtl: 'soon' })).rejects.toThrow(
          'KV PUT failed: 400 Invalid expiration_ttl of 0. Please specify integer greater than 0.',
        );
        await expect(put({ expiration: 1_000 })).rejects.toThrow(
          'KV PUT failed: 400 Invalid expiration of 1000. Please specify integer greater than the current number of seconds since the UNIX epoch.',
        );
        const soon = inAnHour() - 3_570;
        await expect(put({ expiration: soon })).rejects.toThrow(
          `KV PUT failed: 400 Invalid expiration of ${soon}. Expiration times must be at least 60 seconds in the future.`,
        );
        expect(await kv.get('x/no')).toBeNull();
      });

      it('parts of a second are left out', async () => {
        await kv.put('x/part', '1', { expirationTtl: 60.9 });
        await kv.put('x/text', '1', { expirationTtl: '60' });
        expect(await kv.get('x/part')).toBe('1');
      });

      it('may be beyond the year 2038', async () => {
        await kv.put('x/far', '1', { expiration: 4_000_000_000 });
        expect((await kv.list({ prefix: 'x/far' })).keys).toEqual([{ name: 'x/far', expiration: 4_000_000_000 }]);
      });
    });

    describe('list()', () => {
      const names = async (options: Parameters<TestKv['list']>[0]) => (await kv.list(options)).keys.map(({ name: key }) => key);

      it('gives the keys with a prefix, with their metadata', async () => {
        await kv.put('l/a', '1', { metadata: { n: 1 } });
        await kv.put('l/b', '2');
        await kv.put('m/c', '3');
        expect(await kv.list({ prefix: 'l/' })).toEqual({
          keys: [{ name: 'l/a', metadata: { n: 1 } }, { name: 'l/b' }],
          list_complete: true,
          cacheStatus: null,
        });
        expect(await names({ prefix: 'nothing/' })).toEqual([]);
      });

      it('takes no options, or null for each', async () => {
        expect((await kv.list()).keys.length).toBeGreaterThan(2);
        expect(await kv.list({ prefix: null, cursor: null })).toEqual(await kv.list());
      });

      it('takes what is a wildcard elsewhere for what it is', async () => {
        await kv.all(['w/%x', 'w/_x', 'w/*x', 'w/ax'].map((key) => ['put', key, '']));
        expect(await names({ prefix: 'w/%' })).toEqual(['w/%x']);
        expect(await names({ prefix: 'w/_' })).toEqual(['w/_x']);
        expect(await names({ prefix: 'w/*' })).toEqual(['w/*x']);
      });

      it('sorts by the bytes of UTF-8', async () => {
        const keys = ['o/\u{1F600}', 'o/\uFF21', 'o/z', 'o/é', 'o/Z', 'o/10', 'o/9', 'o/', 'o/\u{10FFFF}'];
        await kv.all(keys.map((key) => ['put', key, '']));
        expect(await names({ prefix: 'o/' })).toEqual([
          'o/',
          'o/10',
          'o/9',
          'o/Z',
          'o/z',
          'o/é',
          'o/\uFF21',
          'o/\u{1F600}',
          'o/\u{10FFFF}',
        ]);
      });

      it('gives pages of limit keys, a cursor leading to the next', async () => {
        const keys = ['p/1', 'p/2', 'p/3 ü', 'p/4', 'p/5'];
        await kv.all(keys.map((key) => ['put', key, '']));
        const seen: string[] = [];
        let cursor: string | undefined;
        for (;;) {
          const page = await kv.list({ prefix: 'p/', limit: 2, ...(cursor !== undefined && { cursor }) });
          seen.push(...page.keys.map(({ name: key }) => key));
          if (page.list_complete) break;
          expect(page.keys).toHaveLength(2);
          cursor = page.cursor;
        }
        expect(seen).toEqual(keys);
        expect(await kv.list({ prefix: 'p/', limit: 5 })).toMatchObject({ list_complete: true });
      });

      it('gives 1,000 keys at most, and takes no more for a limit', async () => {
        await kv.all(Array.from({ length: 1_001 }, (_, index) => ['put', `n/${String(index).padStart(4, '0')}`, ''] as const));
        const page = await kv.list({ prefix: 'n/' });
        expect([page.keys.length, page.list_complete]).toEqual([1_000, false]);
        expect(await names({ prefix: 'n/', cursor: (page as { cursor: string }).cursor })).toEqual(['n/1000']);
        expect((await kv.list({ prefix: 'n/', limit: 1_000 })).keys).toHaveLength(1_000);
        await expect(kv.list({ limit: 1_001 })).rejects.toThrow(
          'KV GET failed: 400 Invalid key_count_limit of 1001. Please specify an integer less than 1000.',
        );
      });

      it('a limit of less than one is none', async () => {
        expect((await kv.list({ prefix: 'p/', limit: 0 })).keys).toHaveLength(5);
        expect((await kv.list({ prefix: 'p/', limit: -1 })).keys).toHaveLength(5);
      });

      it('refuses a prefix that no key could have', async () => {
        await expect(kv.list({ prefix: 'k'.repeat(513) })).rejects.toThrow(
          'KV GET failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512.',
        );
      });
    });

    if (additions) additionsSuite(() => kv);
    if (clock) clockSuite(() => opened as Required<OpenedKv>);
  });
}
