import { beforeAll, describe, expect, it } from 'vitest';
import { publish, type TestHost } from './harness.ts';

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
    if (url.searchParams.has('wait')) await new Promise((resolve) => setTimeout(resolve, 100));
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

export async function publishCached(host: TestHost, rule: unknown = true): Promise<Cached> {
  const { name, url } = await publish(host, SOURCE, { manifest: { scaling: { max_cells: 1 }, gateway: [{ cache: rule }] } });
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
const status = (response: Response) => response.headers.get('cache-status');

export function cacheCases(host: () => TestHost): void {
  describe('cache', () => {
    let fn: Cached;
    beforeAll(async () => void (fn = await publishCached(host())));

    it('answers with a response that is fresh, and says so', async () => {
      const first = await fn.get('/a', { 'cache-control': 'max-age=60' });
      expect([await first.text(), status(first)]).toEqual(['body 1 ', 'Brink; fwd=uri-miss; fwd-status=200; stored']);
      const second = await fn.get('/a', { 'cache-control': 'max-age=60' });
      expect([await second.text(), second.headers.get('age')]).toEqual(['body 1 ', '0']);
      expect(status(second)).toMatch(/^Brink; hit; ttl=(60|59)$/);
      expect(second.headers.get('date')).not.toBeNull();
    });

    it('leaves what says nothing', async () => {
      expect([count(await fn.get('/none')), count(await fn.get('/none'))]).toEqual(['1', '2']);
    });
  });
}
