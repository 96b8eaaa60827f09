import { request as nodeRequest } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { eventually, publish, type TestHost } from './harness.ts';

/** A function that counts its calls for each path, and answers as the query says. */
const SOURCE = `
const counts = new Map();
export default {
  async fetch(request) {
    const url = new URL(request.url);
    const count = (counts.get(url.pathname) ?? 0) + 1;
    counts.set(url.pathname, count);
    const headers = new Headers(JSON.parse(url.searchParams.get('h') ?? '{}'));
    headers.set('x-count', String(count));
    if (url.searchParams.has('wait')) await new Promise((resolve) => setTimeout(resolve, 1_000));
    if (url.searchParams.has('fails') && count > 1) return new Response('away', { status: 503 });
    const etag = headers.get('etag');
    if (etag !== null && request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers });
    const body = 'body ' + count + ' ' + (request.headers.get('x-kind') ?? '');
    if (!url.searchParams.has('streams')) return new Response(request.method === 'HEAD' ? null : body, { headers });
    const stream = new ReadableStream({
      async start(controller) {
        for (const part of body.split(' ')) {
          controller.enqueue(new TextEncoder().encode(part + ' '));
          await new Promise((resolve) => setTimeout(resolve, 30));
        }
        controller.close();
      },
    });
    return new Response(stream, { headers });
  },
};`;

interface Cached {
  readonly name: string;
  /** `headers` are those of the response. */
  get(path: string, headers?: Record<string, string>, init?: RequestInit): Promise<Response>;
}

export async function publishCached(host: TestHost, rule: unknown = true, more: object = {}): Promise<Cached> {
  const { name, url } = await publish(host, SOURCE, { manifest: { scaling: { max_cells: 1 }, gateway: [{ cache: rule, ...more }] } });
  return {
    name,
    get(path, headers = {}, init) {
      const place = new URL(path.replace(/^\//, ''), url);
      place.searchParams.set('h', JSON.stringify(headers));
      return fetch(place, init);
    },
  };
}

const count = (response: Response) => response.headers.get('x-count');
const status = (response: Response) => response.headers.get('cache-status') ?? '';
const FRESH = { 'cache-control': 'max-age=60' };

/** RFC 9111; the public suite that `test/cache-tests` runs has many more. */
export function cacheCases(host: () => TestHost): void {
  describe('cache', () => {
    let fn: Cached;
    beforeAll(async () => void (fn = await publishCached(host())));

    it('answers with a response that is fresh, and says so', async () => {
      const first = await fn.get('/a', FRESH);
      expect([await first.text(), status(first)]).toEqual(['body 1 ', 'Brink; fwd=uri-miss; fwd-status=200; stored']);
      const second = await fn.get('/a', FRESH);
      expect([await second.text(), second.headers.get('age')]).toEqual(['body 1 ', expect.stringMatching(/^\d$/)]);
      expect(status(second)).toMatch(/^Brink; hit; ttl=(60|5\d)$/);
      expect(second.headers.get('date')).not.toBeNull();
    });

    it.each([
      ['says nothing', {}],
      ['is private', { 'cache-control': 'private, max-age=60' }],
      ['may not be stored', { 'cache-control': 'no-store, max-age=60' }],
      ['sets a cookie', { ...FRESH, 'set-cookie': 'a=b' }],
      ['varies by everything', { ...FRESH, vary: '*' }],
      ['is a stream of events', { ...FRESH, 'content-type': 'text/event-stream' }],
    ])('does not keep what %s', async (what, headers) => {
      const path = `/not/${what.replaceAll(' ', '-')}`;
      expect([count(await fn.get(path, headers)), count(await fn.get(path, headers))]).toEqual(['1', '2']);
    });

    it('keeps nothing of one who has said who they are, unless the response is public', async () => {
      const init = { headers: { authorization: 'Bearer a' } };
      expect([count(await fn.get('/who', FRESH, init)), count(await fn.get('/who', FRESH))]).toEqual(['1', '2']);
      const open = { 'cache-control': 'public, max-age=60' };
      expect([count(await fn.get('/all', open, init)), count(await fn.get('/all', open))]).toEqual(['1', '1']);
    });

    it('keeps nothing for all of what is answered to one that auth has found', async () => {
      const { name, get } = await publishCached(host(), true, { auth: { keys: {} } });
      const keys = await Promise.all(
        ['one', 'two'].map(async (each) => (await host().admin.createKey(name, { name: each, scopes: [] })).token),
      );
      const ask = async (key: string, control: string) =>
        count(await get('/mine', { 'cache-control': control }, { headers: { 'x-api-key': key } }));
      expect([await ask(keys[0]!, 'max-age=60'), await ask(keys[1]!, 'max-age=60')]).toEqual(['1', '2']);
      const open = (key: string) => get('/ours', { 'cache-control': 'public, max-age=60' }, { headers: { 'x-api-key': key } });
      expect([count(await open(keys[0]!)), count(await open(keys[1]!))]).toEqual(['1', '1']);
      expect((await open('none')).status).toBe(401);
    });

    it('tells requests apart by Vary, whatever their spelling', async () => {
      const ask = async (kind: string) => (await fn.get('/vary', { ...FRESH, vary: 'X-Kind' }, { headers: { 'x-kind': kind } })).text();
      expect([await ask('a, b'), await ask('c'), await ask('a,b'), await ask('c')]).toEqual([
        'body 1 a, b',
        'body 2 c',
        'body 1 a, b',
        'body 2 c',
      ]);
    });

    it('answers conditions, ranges and HEAD from what is kept', async () => {
      const headers = { ...FRESH, etag: '"one"' };
      await (await fn.get('/parts', headers)).text();
      // Without it, `fetch` would ask for what is not kept.
      const any = { 'cache-control': 'max-age=60' };
      const same = await fn.get('/parts', headers, { headers: { ...any, 'if-none-match': 'W/"one"' } });
      expect([same.status, same.headers.get('etag'), await same.text()]).toEqual([304, '"one"', '']);
      const part = await fn.get('/parts', headers, { headers: { range: 'bytes=0-3' } });
      expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 0-3/7', 'body']);
      const beyond = await fn.get('/parts', headers, { headers: { range: 'bytes=70-' } });
      expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */7']);
      const other = await fn.get('/parts', headers, { headers: { ...any, range: 'bytes=0-3', 'if-range': '"two"' } });
      expect([other.status, await other.text()]).toEqual([200, 'body 1 ']);
      const head = await fn.get('/parts', headers, { method: 'HEAD' });
      expect([head.status, count(head), head.headers.get('content-length')]).toEqual([200, '1', '7']);
    });

    it('validates with the function what may not be used without, and takes the new headers', async () => {
      const headers = { 'cache-control': 'no-cache', etag: '"v"' };
      expect(await (await fn.get('/valid', headers)).text()).toBe('body 1 ');
      const second = await fn.get('/valid', headers);
      expect([await second.text(), count(second), status(second)]).toEqual(['body 1 ', '2', 'Brink; fwd=stale; fwd-status=304; stored']);
    });

    it('does as a request wants', async () => {
      await (await fn.get('/asked', FRESH)).text();
      const ask = (control: string) => fn.get('/asked', FRESH, { headers: { 'cache-control': control } });
      expect(count(await ask('min-fresh=61'))).toBe('2');
      expect(count(await ask('no-cache'))).toBe('3');
      expect(count(await ask('only-if-cached'))).toBe('3');
      const none = await fn.get('/asked/other', FRESH, { headers: { 'cache-control': 'only-if-cached' } });
      expect([none.status, await none.json()]).toMatchObject([504, { code: 'response-not-cached' }]);
    });

    it('forgets what was changed', async () => {
      await (await fn.get('/changed', FRESH)).text();
      await (await fn.get('/changed', {}, { method: 'POST' })).text();
      expect(count(await fn.get('/changed', FRESH))).toBe('1');
      await (await fn.get('/changed', FRESH, { method: 'DELETE' })).text();
      expect(count(await fn.get('/changed', FRESH))).toBe('4');
    });

    it('leaves a GET that has a body to the function', async () => {
      // Of one that is kept and not fresh, so that the function is asked.
      const place = new URL((await fn.get('/body', { 'cache-control': 'max-age=0', etag: '"a"' })).url);
      expect(await getWithBody(place, 'abc')).toMatch(/^Brink; fwd=bypass$/);
    });

    it('goes by CDN-Cache-Control before Cache-Control', async () => {
      const headers = { 'cdn-cache-control': 'max-age=60', 'cache-control': 'no-store' };
      expect([count(await fn.get('/cdn', headers)), count(await fn.get('/cdn', headers))]).toEqual(['1', '1']);
    });

    it('uses a stale response while it fetches another', async () => {
      const headers = { 'cache-control': 'max-age=0, stale-while-revalidate=60' };
      expect(count(await fn.get('/swr', headers))).toBe('1');
      expect(count(await fn.get('/swr', headers))).toBe('1');
      await eventually(async () => (Number(count(await fn.get('/swr', headers))) > 1 ? true : undefined));
    });

    it('uses a stale response where the function fails', async () => {
      const headers = { 'cache-control': 'max-age=0, stale-if-error=60' };
      await (await fn.get('/sie?fails', headers)).text();
      const second = await fn.get('/sie?fails', headers);
      expect([second.status, await second.text(), status(second)]).toEqual([
        200,
        'body 1 ',
        'Brink; fwd=stale; fwd-status=503; detail="stale if error"',
      ]);
    });

    it.each(['/together?wait', '/together/streamed?wait&streams'])('calls the function once for all who want %s', async (path) => {
      const all = await Promise.all(Array.from({ length: 8 }, () => fn.get(path, FRESH)));
      const bodies = await Promise.all(all.map((each) => each.text()));
      expect([new Set(all.map(count)).size, new Set(bodies).size, bodies[0]!.trim()]).toEqual([1, 1, 'body 1']);
      expect(all.filter((each) => status(each).includes('collapsed')).length).toBe(7);
    });

    it('lets those who waited ask for themselves where what came is for one', async () => {
      const all = await Promise.all(Array.from({ length: 4 }, () => fn.get('/apart?wait', { 'cache-control': 'private' })));
      expect(new Set(all.map(count))).toEqual(new Set(['1', '2', '3', '4']));
    });

    it('does not keep what is too large, and gives it whole', async () => {
      const small = await publishCached(host(), { max_size_kb: 1 });
      const headers = { ...FRESH, 'x-long': 'a' };
      const long = 'b'.repeat(3_000);
      const ask = () => small.get('/large?streams', headers, { headers: { 'x-kind': long } });
      expect((await (await ask()).text()).trim()).toBe(`body 1  ${long}`.replace('  ', ' '));
      expect(count(await ask())).toBe('2');
    });

    it('has other keys where the rule says so', async () => {
      const keyed = await publishCached(host(), { query: { ignore: ['utm_*'] }, cookies: ['lang'] });
      const ask = async (path: string, cookie: string) => count(await keyed.get(path, FRESH, { headers: { cookie } }));
      expect([await ask('/k?utm_a=1', 'lang=de; id=1'), await ask('/k?utm_a=2', 'id=2; lang=de'), await ask('/k', 'lang=en')]).toEqual([
        '1',
        '1',
        '2',
      ]);
    });

    it('begins anew with a version that goes live', async () => {
      await (await fn.get('/live', FRESH)).text();
      expect(status(await fn.get('/live', FRESH))).toMatch('hit');
      await publish(host(), `${SOURCE}\n// two`, {
        name: fn.name,
        alias: 'live',
        manifest: { scaling: { max_cells: 1 }, gateway: [{ cache: true }] },
      });
      await eventually(async () => (status(await fn.get('/live', FRESH)).includes('miss') ? true : undefined));
    });

    it('is purged by URL, prefix and tag, and as a whole', async () => {
      const tagged = { ...FRESH, 'cache-tag': 'all, item-7' };
      const paths = ['/p/a', '/p/b', '/q/c'];
      const counts = () => Promise.all(paths.map(async (path) => count(await fn.get(path, tagged))));
      const url = `/p/a?h=${encodeURIComponent(JSON.stringify(tagged)).replaceAll('%20', '+')}`;
      expect([await counts(), await counts()]).toEqual([
        ['1', '1', '1'],
        ['1', '1', '1'],
      ]);
      await host().admin.purge(fn.name, { url });
      await eventually(async () => ((await counts())[0] === '2' ? true : undefined));
      expect(await counts()).toEqual(['2', '1', '1']);
      await host().admin.purge(fn.name, { prefix: '/p/' });
      await eventually(async () => ((await counts())[1] === '2' ? true : undefined));
      expect(await counts()).toEqual(['3', '2', '1']);
      await host().admin.purge(fn.name, { tag: 'item-7' });
      await eventually(async () => ((await counts())[2] === '2' ? true : undefined));
      expect(await counts()).toEqual(['4', '3', '2']);
      await host().admin.purge(fn.name, { all: true });
      await eventually(async () => ((await counts())[2] === '3' ? true : undefined));
      expect(await counts()).toEqual(['5', '4', '3']);
      await expect(host().admin.purge(fn.name, {})).rejects.toMatchObject({ code: 'bad-request' });
      await expect(host().admin.purge('fn-none', { all: true })).rejects.toMatchObject({ code: 'function-not-found' });
    });
  });
}

/** `Cache-Status` of the response. */
function getWithBody(url: URL, body: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    nodeRequest(url, { method: 'GET', headers: { 'content-length': body.length } }, (response) => {
      response.resume();
      resolve(response.headers['cache-status']);
    })
      .on('error', reject)
      .end(body);
  });
}
