import { request as nodeRequest } from 'node:http';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { publish, type TestHost } from './harness.ts';

const SOURCE = `
let calls = 0;
export default {
  fetch(request) {
    const url = new URL(request.url);
    const headers = { 'content-type': 'text/html', 'x-calls': String(++calls), ...JSON.parse(url.searchParams.get('h') ?? '{}') };
    const text = 'All work and no play. '.repeat(Number(url.searchParams.get('n') ?? 200));
    if (url.searchParams.has('none')) return new Response(null, { status: 204, headers });
    return new Response(text, { headers });
  },
};`;
const TEXT = 'All work and no play. '.repeat(200);

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

const DECODERS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  br: brotliDecompressSync,
  gzip: gunzipSync,
  zstd: zstdDecompressSync,
};

export function compressCases(host: () => TestHost): void {
  describe('compress', () => {
    let url: string;
    let cached: string;
    beforeAll(async () => {
      const make = async (rules: object) =>
        (await publish(host(), SOURCE, { manifest: { scaling: { max_cells: 1 }, gateway: [rules] } })).url;
      [url, cached] = await Promise.all([make({ compress: true }), make({ compress: true, etag: true, cache: { ttl: 60 } })]);
    });
    const ask = (accepted: string | null, query = '', { at = url, headers = {}, method = 'GET' } = {}) =>
      raw(`${at}?${query}`, { method, headers: { ...(accepted !== null && { 'accept-encoding': accepted }), ...headers } });

    it.each([
      ['br, gzip', 'br'],
      ['gzip', 'gzip'],
      ['gzip;q=1, br;q=0.5', 'gzip'],
      ['*', 'br'],
      ['br;q=0, *;q=0.1', 'gzip or zstd'],
      ['identity, gzip;q=0.5', undefined],
      ['deflate', undefined],
      [null, undefined],
    ])('gives to one who accepts %s', async (accepted, coding) => {
      const { headers, body } = await ask(accepted);
      const expected = coding === 'gzip or zstd' ? (host().platform === 'node' ? 'zstd' : 'gzip') : coding;
      expect([headers['content-encoding'], headers['vary']]).toEqual([expected, 'Accept-Encoding']);
      expect((expected === undefined ? body : DECODERS[expected]!(body)).toString()).toBe(TEXT);
      if (expected !== undefined) expect(body.byteLength).toBeLessThan(TEXT.length / 10);
    });

    it.each([
      ['what is small', 'n=3'],
      ['what is compressed as it is', `h=${JSON.stringify({ 'content-type': 'image/png' })}`],
      ['what may not be changed', `h=${JSON.stringify({ 'cache-control': 'no-transform' })}`],
      ['events', `h=${JSON.stringify({ 'content-type': 'text/event-stream' })}`],
      ['what has no body', 'none'],
    ])('leaves %s', async (_what, query) => {
      expect((await ask('br, gzip', query)).headers['content-encoding']).toBeUndefined();
    });

    it('makes a tag weak, since the bytes are others', async () => {
      const { headers } = await ask('gzip', `h=${JSON.stringify({ etag: '"a"' })}`);
      expect([headers['content-encoding'], headers['etag'], headers['content-length']]).toEqual([
        'gzip',
        'W/"a"',
        headers['content-length'],
      ]);
    });

    it('is kept by the cache for those who accept the same, with a tag of its own', async () => {
      const [one, two, plain] = [
        await ask('gzip', '', { at: cached }),
        await ask('gzip', '', { at: cached }),
        await ask(null, '', { at: cached }),
      ];
      expect([one, two, plain].map(({ headers }) => [headers['content-encoding'], headers['x-calls']])).toEqual([
        ['gzip', '1'],
        ['gzip', '1'],
        [undefined, '2'],
      ]);
      expect(gunzipSync(two!.body).toString()).toBe(TEXT);
      expect(one!.headers['etag']).toBe(`W/${String(plain!.headers['etag'])}`);
      const again = await ask('gzip', '', { at: cached, headers: { 'if-none-match': String(one!.headers['etag']) } });
      expect([again.status, again.body.byteLength]).toEqual([304, 0]);
    });
  });

  describe('etag', () => {
    it('is made of the bytes, and answers who has them', async () => {
      const { url } = await publish(host(), SOURCE, { manifest: { gateway: [{ etag: true }] } });
      const one = await raw(url, {});
      expect(one.headers['etag']).toMatch(/^"[\w+/]{22}"$/);
      const two = await raw(url, { headers: { 'if-none-match': `"x", ${String(one.headers['etag'])}` } });
      expect([two.status, two.body.byteLength, two.headers['content-type']]).toEqual([304, 0, undefined]);
      const other = await raw(`${url}?n=201`, {});
      expect(other.headers['etag']).not.toBe(one.headers['etag']);
      const own = await raw(`${url}?h=${JSON.stringify({ etag: '"own"' })}`, {});
      expect(own.headers['etag']).toBe('"own"');
    });
  });
}

/** As the bytes come: \`fetch\` would decode them. */
function raw(url: string, options: { readonly method?: string; readonly headers?: Record<string, string> }): Promise<Answer> {
  return new Promise((resolve, reject) => {
    nodeRequest(encodeURI(url), options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }));
    })
      .on('error', reject)
      .end();
  });
}
