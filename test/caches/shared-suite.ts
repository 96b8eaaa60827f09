import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, publish, type OpenHost, type TestHost } from '../conformance/harness.ts';

const SOURCE = `export default { async fetch(request, _env, ctx) {
  const { searchParams } = new URL(request.url);
  if (searchParams.has('hang')) while (true);
  const key = 'https://cache.test/shared';
  const found = await caches.default.match(key);
  if (searchParams.has('put')) ctx.waitUntil(caches.default.put(key, new Response(searchParams.get('put'), { headers: { 'cache-control': 'max-age=60' } })));
  return new Response(found ? found.body : 'none');
} }`;

/** Whose a cache is, and how long it lives. */
export function sharedSuite(open: OpenHost, { restart = false }: { restart?: boolean } = {}): void {
  describe('a cache', () => {
    let host: TestHost;
    beforeAll(async () => {
      host = await open();
    });
    afterAll(() => host.stop());
    const ask = async (url: string, query = '') => (await fetch(`${url}?${query}`)).text();
    const has = (url: string, value: string) => eventually(async () => ((await ask(url)) === value ? true : undefined));

    it('is that of all versions of a function, and of no other one', async () => {
      const { name, url } = await publish(host, SOURCE, { alias: 'live' });
      expect(await ask(url, 'put=one')).toBe('none');
      await has(url, 'one');
      await publish(host, `// another\n${SOURCE}`, { name, alias: 'live' });
      expect(await ask(url)).toBe('one');
      const other = await publish(host, SOURCE, { alias: 'live' });
      expect(await ask(other.url)).toBe('none');
    });

    it('is there for handlers, and not for top-level code', async () => {
      const source = `const early = await caches.default.match('https://cache.test/a').catch((error) => error.message);
        export default { fetch: () => new Response(early) }`;
      const { url } = await publish(host, source, { alias: 'live' });
      expect(await ask(url)).toMatch(/not for top-level code|within a handler/);
    });

    if (!restart) return;
    it('outlives its cell', async () => {
      const { url } = await publish(host, SOURCE, { alias: 'live', manifest: { limits: { deadline_ms: 2_000 } } });
      await ask(url, 'put=kept');
      await has(url, 'kept');
      expect((await fetch(`${url}?hang`)).status).toBe(504);
      await eventually(() => (host.events.some((event) => event.type === 'cell' && event.change === 'crashed') ? true : undefined));
      expect(await ask(url)).toBe('kept');
    });
  });
}
