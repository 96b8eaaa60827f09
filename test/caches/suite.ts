import { readFile } from 'node:fs/promises';
import { transform } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it as run } from 'vitest';
import type { Order, Result } from './function.ts';

export interface OpenedCaches {
  /** Of a function that is `function.ts`. */
  readonly url: string;
  stop(): Promise<void>;
}

export interface CachesSuiteOptions {
  readonly open: (source: string) => Promise<OpenedCaches>;
  /** Tests that this one is known to fail, and why. One that passes all the same fails the suite. */
  readonly deviations?: Readonly<Record<string, string>>;
}

const KEEP = { 'cache-control': 'max-age=60' };
const JANUARY = 'Thu, 01 Jan 2026 00:00:00 GMT';
const FEBRUARY = 'Sun, 01 Feb 2026 00:00:00 GMT';

/** The text of `function.ts` without its types. */
export async function functionSource(): Promise<string> {
  const text = await readFile(new URL('function.ts', import.meta.url), 'utf8');
  return (await transform(text, { loader: 'ts', format: 'esm', target: 'es2024' })).code;
}

/** The Cache API, as Workers documents it, by RFC 9111. https://developers.cloudflare.com/workers/runtime-apis/cache/ */
export function cachesSuite(name: string, { open, deviations = {} }: CachesSuiteOptions): void {
  describe(`caches: ${name}`, () => {
    let opened: OpenedCaches;
    beforeAll(async () => {
      opened = await open(await functionSource());
    });
    afterAll(() => opened.stop());

    const it = (title: string, test: () => Promise<void>) => {
      const reason = deviations[title];
      if (reason === undefined) run(title, test);
      else run.fails(`${title} (differs: ${reason})`, test);
    };
    let urls = 0;
    const fresh = () => `http://cache.test/${++urls}`;
    const all = async (orders: readonly Order[]) =>
      (await (await fetch(opened.url, { method: 'POST', body: JSON.stringify(orders) })).json()) as Result[];
    const one = async (order: Order) => (await all([order]))[0]!;
    const put = async (url: string, response: Order['response'] = {}, asked: Order['asked'] = {}) => {
      const given = { body: 'body', headers: KEEP, ...response };
      expect(await one({ do: 'put', url, asked, response: given })).toEqual({ value: null });
    };
    const match = (url: string, asked: Order['asked'] = {}) => one({ do: 'match', url, asked });
    const MISS = { value: null };

    describe('put() and match()', () => {
      it('a response comes back with its headers, a status, and its age', async () => {
        const url = fresh();
        expect(await match(url)).toEqual(MISS);
        await put(url, { headers: { ...KEEP, 'x-own': '1', etag: '"e"' } });
        const found = await match(url);
        expect(found).toMatchObject({ status: 200, text: 'body' });
        const { headers } = found as { headers: Record<string, string> };
        const { date, age, 'content-length': _, ...rest } = headers;
        expect(rest).toEqual({
          'cache-control': 'max-age=60',
          'cf-cache-status': 'HIT',
          'content-type': 'text/plain;charset=UTF-8',
          etag: '"e"',
          'x-own': '1',
        });
        expect(Math.abs(Date.parse(date!) - Date.now())).toBeLessThan(60_000);
        expect(Number(age)).toBeLessThan(30);
      });

      it('the last one that was put is found', async () => {
        const url = fresh();
        await put(url, { body: 'one' });
        await put(url, { body: 'two', status: 404 });
        expect(await match(url)).toMatchObject({ status: 404, text: 'two' });
      });

      it('a URL is found by all of it but its fragment', async () => {
        const url = fresh();
        await put(`${url}?a=1#one`);
        expect(await match(`${url}?a=1`)).toMatchObject({ text: 'body' });
        expect(await match(`${url}?a=1#two`)).toMatchObject({ text: 'body' });
        expect(await match(`${url}?a=2`)).toEqual(MISS);
        expect(await match(url)).toEqual(MISS);
      });

      it('a large body comes back whole', async () => {
        const url = fresh();
        await put(url, { body: 5_000_000 });
        expect(await match(url)).toMatchObject({ text: '5000000' });
      });

      it('a body that breaks off leaves what was there', async () => {
        const url = fresh();
        await put(url, { body: 'before' });
        const broken = await one({ do: 'put', url, response: { fault: 'broken', headers: KEEP } });
        expect(broken).toHaveProperty('error');
        expect(await match(url)).toMatchObject({ text: 'before' });
      });

      it('redirects are kept as they are', async () => {
        const url = fresh();
        await put(url, { status: 301, body: null, headers: { ...KEEP, location: '/there' } });
        expect(await match(url)).toMatchObject({ status: 301, headers: { location: '/there' } });
      });

      it('a response without content is kept', async () => {
        const url = fresh();
        await put(url, { status: 204, body: null });
        expect(await match(url)).toMatchObject({ status: 204, text: '' });
      });

      it('what cannot be put is refused in the words of Workers', async () => {
        const url = fresh();
        const refused: [string, Partial<Order>, Order['response']][] = [
          ['TypeError: Cannot cache response to non-GET request.', { method: 'POST' }, {}],
          ['TypeError: Cannot cache response to non-GET request.', { method: 'HEAD' }, {}],
          ['TypeError: Cannot cache response to a range request (206 Partial Content).', {}, { status: 206 }],
          ["TypeError: Cannot cache response with 'Vary: *' header.", {}, { headers: { ...KEEP, vary: 'accept, *' } }],
          [
            'TypeError: Body has already been used. It can only be used once. Use tee() first if you need to read it twice.',
            {},
            { fault: 'used' },
          ],
          ["TypeError: Failed to execute 'put' on 'Cache': parameter 2 is not of type 'Response'.", {}, { fault: 'none' }],
        ];
        for (const [error, order, response] of refused)
          expect(await one({ do: 'put', url, ...order, response: { body: 'body', headers: KEEP, ...response } })).toEqual({ error });
        expect(await match(url)).toEqual(MISS);
      });
    });

    describe('what is kept', () => {
      const kept: [string, Order['response'], Order['asked']?][] = [
        ['s-maxage', { headers: { 'cache-control': 's-maxage=60, max-age=0' } }],
        ['Expires', { headers: { expires: new Date(Date.now() + 3_600_000).toUTCString() } }],
        ['a Last-Modified of long ago', { headers: { 'last-modified': JANUARY } }],
        ['an error that says so', { status: 404, headers: KEEP }],
        [
          'a request with Authorization, where the response is public',
          { headers: { 'cache-control': 'public, max-age=60' } },
          { authorization: 'a' },
        ],
        ['a request that wants none', { headers: KEEP }, { 'cache-control': 'no-store' }],
      ];
      for (const [what, response, asked] of kept)
        it(`is kept: ${what}`, async () => {
          const url = fresh();
          await put(url, response, asked);
          expect(await match(url)).toMatchObject({ text: 'body' });
        });

      const dropped: [string, Order['response'], Order['asked']?][] = [
        ['what says nothing of its time', { headers: {} }],
        ['no-store', { headers: { 'cache-control': 'no-store, max-age=60' } }],
        ['private', { headers: { 'cache-control': 'private, max-age=60' } }],
        ['no-cache', { headers: { 'cache-control': 'no-cache, max-age=60' } }],
        ['max-age=0', { headers: { 'cache-control': 'max-age=0' } }],
        ['s-maxage=0', { headers: { 'cache-control': 'max-age=60, s-maxage=0' } }],
        ['what has expired', { headers: { expires: JANUARY } }],
        ['what is older than its time', { headers: { ...KEEP, age: '61' } }],
        ['what could be given while stale', { headers: { 'cache-control': 'max-age=0, stale-while-revalidate=60, stale-if-error=60' } }],
        ['a cookie', { headers: { ...KEEP, 'set-cookie': 'a=1' } }],
        ['a request with Authorization', { headers: KEEP }, { authorization: 'a' }],
        ['a status that nobody knows', { status: 299, headers: KEEP }],
      ];
      for (const [what, response, asked] of dropped)
        it(`is not kept: ${what}`, async () => {
          const url = fresh();
          await put(url, response, asked);
          expect(await match(url)).toEqual(MISS);
        });

      it('private=set-cookie keeps all but the cookie', async () => {
        const url = fresh();
        await put(url, { headers: { 'cache-control': 'max-age=60, private=set-cookie', 'set-cookie': 'a=1', 'x-own': '1' } });
        const found = await match(url);
        expect(found).toMatchObject({ text: 'body', headers: { 'x-own': '1', 'cf-cache-status': 'HIT' } });
        expect((found as { headers: object }).headers).not.toHaveProperty('set-cookie');
      });

      it('the age that a response comes with counts', async () => {
        const url = fresh();
        await put(url, { headers: { ...KEEP, age: '20' } });
        const { headers } = (await match(url)) as { headers: Record<string, string> };
        expect(Number(headers['age'])).toBeGreaterThanOrEqual(20);
      });

      it('a request answers only those whose fields are the same that Vary names', async () => {
        const url = fresh();
        await put(url, { body: 'de', headers: { ...KEEP, vary: 'Accept-Language, x-other' } }, { 'accept-language': 'de' });
        expect(await match(url, { 'accept-language': 'de' })).toMatchObject({ text: 'de', headers: { vary: 'Accept-Language, x-other' } });
        expect(await match(url, { 'accept-language': 'en' })).toEqual(MISS);
        expect(await match(url)).toEqual(MISS);
        expect(await match(url, { 'accept-language': 'de', 'x-other': '1' })).toEqual(MISS);
        expect(await match(url, { 'accept-language': 'de', 'x-third': '1' })).toMatchObject({ text: 'de' });
      });

      it('a reader’s Cache-Control counts for nothing', async () => {
        const url = fresh();
        await put(url);
        for (const asked of [{ 'cache-control': 'no-cache' }, { 'cache-control': 'max-age=0' }, { pragma: 'no-cache' }])
          expect(await match(url, asked as Record<string, string>)).toMatchObject({ text: 'body' });
      });
    });

    describe('conditions', () => {
      const headers = { ...KEEP, etag: '"a,b"', 'last-modified': JANUARY };
      const cases: [string, Record<string, string>, number][] = [
        ['If-None-Match, the same', { 'if-none-match': '"x", W/"y", "e"' }, 304],
        ['If-None-Match, the same but for W/', { 'if-none-match': 'W/"e"' }, 304],
        ['If-None-Match, *', { 'if-none-match': '*' }, 304],
        ['If-None-Match, another', { 'if-none-match': '"x"' }, 200],
        ['If-Modified-Since, that date', { 'if-modified-since': JANUARY }, 304],
        ['If-Modified-Since, a later one', { 'if-modified-since': FEBRUARY }, 304],
        ['If-Modified-Since, an earlier one', { 'if-modified-since': 'Mon, 01 Dec 2025 00:00:00 GMT' }, 200],
        ['If-Modified-Since, which is no date', { 'if-modified-since': 'then' }, 200],
        ['If-Modified-Since beside an If-None-Match that differs', { 'if-none-match': '"x"', 'if-modified-since': FEBRUARY }, 200],
        ['If-Match is not for caches', { 'if-match': '"x"' }, 200],
      ];
      for (const [title, asked, status] of cases)
        it(title, async () => {
          const url = fresh();
          await put(url, { headers: { ...headers, etag: '"e"' } });
          const found = await match(url, asked);
          expect(found).toMatchObject({ status, text: status === 304 ? '' : 'body', headers: { etag: '"e"', 'cf-cache-status': 'HIT' } });
        });

      it('what is no success has no conditions', async () => {
        const url = fresh();
        await put(url, { status: 404, headers: { ...headers, etag: '"e"' } });
        expect(await match(url, { 'if-none-match': '"e"' })).toMatchObject({ status: 404, text: 'body' });
      });
    });

    describe('ranges', () => {
      const part = (text: string, range: string) => ({
        status: 206,
        text,
        headers: { 'content-range': range, 'content-length': String(text.length), 'cf-cache-status': 'HIT', etag: '"e"' },
      });
      const whole = { status: 200, text: 'abcdef' };
      const cases: [string, Record<string, string>, object][] = [
        ['first and last', { range: 'bytes=1-2' }, part('bc', 'bytes 1-2/6')],
        ['from a place on', { range: 'bytes=4-' }, part('ef', 'bytes 4-5/6')],
        ['the last ones', { range: 'bytes=-2' }, part('ef', 'bytes 4-5/6')],
        ['more than there are', { range: 'bytes=3-99' }, part('def', 'bytes 3-5/6')],
        ['more of the last than there are', { range: 'bytes=-99' }, part('abcdef', 'bytes 0-5/6')],
        [
          'beyond the end',
          { range: 'bytes=6-' },
          { status: 416, text: '', headers: { 'content-range': 'bytes */6', 'cf-cache-status': 'HIT' } },
        ],
        ['of another unit', { range: 'lines=1-2' }, whole],
        ['which is none', { range: 'bytes=abc' }, whole],
        ['which ends before it begins', { range: 'bytes=2-1' }, whole],
        ['if the tag is the same', { range: 'bytes=1-2', 'if-range': '"e"' }, part('bc', 'bytes 1-2/6')],
        ['if the tag differs', { range: 'bytes=1-2', 'if-range': '"x"' }, whole],
        ['if the tag is weak', { range: 'bytes=1-2', 'if-range': 'W/"e"' }, whole],
        ['if the date is the same', { range: 'bytes=1-2', 'if-range': JANUARY }, part('bc', 'bytes 1-2/6')],
        ['if the date differs', { range: 'bytes=1-2', 'if-range': FEBRUARY }, whole],
        ['of what has not changed', { range: 'bytes=1-2', 'if-none-match': '"e"' }, { status: 304, text: '' }],
      ];
      for (const [title, asked, expected] of cases)
        it(`a range, ${title}`, async () => {
          const url = fresh();
          await put(url, { body: 'abcdef', headers: { ...KEEP, etag: '"e"', 'last-modified': JANUARY } });
          expect(await match(url, asked)).toMatchObject(expected);
        });

      it('what is no success has no ranges', async () => {
        const url = fresh();
        await put(url, { status: 404 });
        expect(await match(url, { range: 'bytes=1-2' })).toMatchObject({ status: 404, text: 'body' });
      });
    });

    describe('methods, names and delete()', () => {
      it('match() finds nothing for another method than GET, unless it is told to', async () => {
        const url = fresh();
        await put(url);
        for (const method of ['HEAD', 'POST', 'DELETE']) {
          expect(await one({ do: 'match', url, method })).toEqual(MISS);
          expect(await one({ do: 'match', url, method, options: { ignoreMethod: true } })).toMatchObject({ status: 200, text: 'body' });
        }
      });

      it('delete() says whether there was one', async () => {
        const url = fresh();
        await put(url);
        expect(
          await all([
            { do: 'delete', url },
            { do: 'delete', url },
          ]),
        ).toEqual([{ value: true }, { value: false }]);
        expect(await match(url)).toEqual(MISS);
      });

      it('delete() leaves it for another method than GET, unless it is told to', async () => {
        const url = fresh();
        await put(url);
        expect(await one({ do: 'delete', url, method: 'POST' })).toEqual({ value: false });
        expect(await match(url)).toMatchObject({ text: 'body' });
        expect(await one({ do: 'delete', url, method: 'POST', options: { ignoreMethod: true } })).toEqual({ value: true });
        expect(await match(url)).toEqual(MISS);
      });

      it('options that Workers has not are refused', async () => {
        const error = "Error: The 'ignoreSearch' field on 'CacheQueryOptions' is not implemented.";
        expect(await one({ do: 'match', url: fresh(), options: { ignoreSearch: true } })).toEqual({ error });
        expect(await one({ do: 'delete', url: fresh(), options: { ignoreVary: false } })).toEqual({
          error: error.replace('Search', 'Vary'),
        });
      });

      it('caches of different names keep apart, and one without a name is the default', async () => {
        const url = fresh();
        const named = (cache: string, body: string) => ({ do: 'put' as const, url, cache, response: { headers: KEEP, body } });
        await put(url, { body: 'default' });
        await all([named('a', 'in a'), named('b/../a', 'in b'), named('default', 'in another')]);
        const texts = await all(
          [undefined, '', 'a', 'b/../a', 'default', 'c'].map((cache) => ({ do: 'match', url, ...(cache !== undefined && { cache }) })),
        );
        expect(texts.map((found) => ('text' in found ? found.text : null))).toEqual([
          'default',
          'default',
          'in a',
          'in b',
          'in another',
          null,
        ]);
        expect(await one({ do: 'delete', url, cache: 'a' })).toEqual({ value: true });
        expect(await match(url)).toMatchObject({ text: 'default' });
      });

      it('a name that is too long is refused', async () => {
        expect(await one({ do: 'open', url: '', cache: 'x'.repeat(1_023) })).toHaveProperty('value');
        expect(await one({ do: 'open', url: '', cache: 'x'.repeat(1_024) })).toEqual({ error: 'TypeError: Cache name is too long.' });
      });
    });
  });
}
