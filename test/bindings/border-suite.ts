import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, publish, type OpenHost, type TestHost } from '../conformance/harness.ts';

const OWN = [{ binding: 'KV' }];

/** What holds of every binding, wherever its cell is; with KV for an example. */
export function borderSuite(open: OpenHost): void {
  describe('bindings', () => {
    let host: TestHost;
    beforeAll(async () => {
      host = await open();
    });
    afterAll(() => host.stop());

    const deploy = (source: string, namespaces: readonly object[] = OWN, more: Record<string, unknown> = {}) =>
      publish(host, source, { alias: 'live', manifest: { kv_namespaces: namespaces, ...more } });
    const ask = async (url: string) => (await fetch(url)).text();

    it('a function finds its own alone, and nothing else of the host', async () => {
      const source = `
        import { env as imported } from 'cloudflare:workers';
        const early = Object.keys(imported);
        export default { fetch: (_request, env) => Response.json([early, Reflect.ownKeys(env), Reflect.ownKeys(env.KV), env.KV === imported.KV]) }`;
      const { url } = await deploy(source, OWN, { vars: { A: 1 } });
      expect(await (await fetch(url)).json()).toEqual([['A', 'KV'], ['A', 'KV'], [], true]);
    });

    it('a namespace without an id is the function’s own, and that of all its versions', async () => {
      const counting = (more = '') =>
        `${more}export default { fetch: async (_request, { KV }) => new Response(String(await KV.increment('n'))) }`;
      const one = await deploy(counting());
      const two = await deploy(counting());
      expect([await ask(one.url), await ask(one.url), await ask(two.url)]).toEqual(['1', '2', '1']);
      const next = await publish(host, counting('// another\n'), { name: one.name, alias: 'live', manifest: { kv_namespaces: OWN } });
      expect(next.version).toBe(2);
      expect(await ask(one.url)).toBe('3');
    });

    it('functions that name the same id share a namespace, under whatever names', async () => {
      const id = `shared/${host.platform}`;
      const writer = await deploy(
        `export default { async fetch(_request, { A }) { await A.put('k', 'from one'); return new Response() } }`,
        [{ binding: 'A', id }],
      );
      const reader = await deploy(`export default { fetch: async (_request, { B }) => new Response(await B.get('k')) }`, [
        { binding: 'B', id },
      ]);
      await ask(writer.url);
      expect(await ask(reader.url)).toBe('from one');
    });

    it('with cacheTtl a cell reads what it has read before, but for its own writes', async () => {
      const source = `export default { async fetch(request, { KV }) {
        const { searchParams } = new URL(request.url);
        if (searchParams.has('put')) await KV.put('k', searchParams.get('put'));
        return Response.json([await KV.get('k', { cacheTtl: 3600 }), searchParams.has('fresh') && await KV.get('k')]);
      } }`;
      const namespaces = [{ binding: 'KV', id: `hot/${host.platform}` }];
      const [one, two] = [await deploy(source, namespaces), await deploy(source, namespaces)];
      const read = async ({ url }: { url: string }, query = '') => (await fetch(`${url}?${query}`)).json();
      expect(await read(one)).toEqual([null, false]);
      expect(await read(two, 'put=a')).toEqual(['a', false]);
      expect(await read(one)).toEqual([null, false]);
      expect(await read(one, 'fresh')).toEqual([null, 'a']);
      expect(await read(one)).toEqual(['a', false]);
      expect(await read(one, 'put=b')).toEqual(['b', false]);
      expect(await read(two)).toEqual(['a', false]);
    });

    it('no id leads into the namespace of another function', async () => {
      const victim = await deploy(
        `export default { async fetch(_request, { KV }) { await KV.put('secret', '1'); return Response.json((await KV.list()).keys) } }`,
      );
      await ask(victim.url);
      const ids = [
        `function/${victim.name}/KV`,
        `../function/${victim.name}/KV`,
        `%2e%2e/function/${victim.name}/KV`,
        victim.name,
        '',
      ].filter(Boolean);
      const source = `export default { fetch: async (_request, env) => Response.json(await Promise.all(Object.values(env).map(async (kv) => (await kv.list()).keys))) }`;
      const { url } = await deploy(
        source,
        ids.map((id, index) => ({ binding: `B${index}`, id })),
      );
      expect(await (await fetch(url)).json()).toEqual(ids.map(() => []));
    });

    it('are there for handlers, and not for top-level code', async () => {
      const source = `
        import { env } from 'cloudflare:workers';
        const early = await env.KV.get('a').catch((error) => error.message);
        export default { fetch: () => new Response(early) }`;
      const { url } = await deploy(source);
      expect(await ask(url)).toMatch(/not for top-level code|within a handler/);
    });

    it('work in waitUntil() when the response is out', async () => {
      const source = `export default { async fetch(request, { KV }, ctx) {
        if (request.method === 'GET') return new Response(await KV.get('later'));
        ctx.waitUntil(scheduler.wait(20).then(() => KV.put('later', 'written')));
        return new Response();
      } }`;
      const { url } = await deploy(source);
      await fetch(url, { method: 'POST' });
      expect(await eventually(async () => (await ask(url)) || undefined)).toBe('written');
    });

    it('work in a scheduled handler', async () => {
      const source = `export default {
        async scheduled({ cron }, { KV }) { await KV.put('cron', cron) },
        fetch: async (_request, { KV }) => new Response(await KV.get('cron')),
      }`;
      const { name, url } = await deploy(source);
      await host.admin.scheduled(name, { cron: '* * * * *' });
      expect(await ask(url)).toBe('* * * * *');
    });

    it('a value can be the body of a request, and of a response, as it streams', async () => {
      const source = `export default { async fetch(request, { KV }) {
        if (request.method === 'GET') return new Response(await KV.get('file', 'stream'));
        await KV.put('file', request.body);
        return new Response(null, { status: 204 });
      } }`;
      const { url } = await deploy(source);
      const bytes = new Uint8Array(5_000_000).map((_, index) => index + (index >> 8) + (index >> 16));
      expect((await fetch(url, { method: 'POST', body: bytes })).status).toBe(204);
      expect(Buffer.from(await (await fetch(url)).arrayBuffer()).equals(bytes)).toBe(true);
    });

    it('a stream that is not read to its end holds nothing up', async () => {
      const source = `export default { async fetch(request, { KV }) {
        await KV.put('file', new Uint8Array(5_000_000));
        const reader = (await KV.get('file', 'stream')).getReader();
        const { value } = await reader.read();
        await reader.cancel();
        await KV.get('file', 'stream');
        return new Response(String(value.byteLength > 0 && await KV.increment('n')));
      } }`;
      const { url } = await deploy(source);
      for (let n = 1; n <= 5; n++) expect(await ask(url)).toBe(String(n));
    });
  });
}
