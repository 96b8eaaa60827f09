import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAdminClient, type AdminClient } from '../../host/admin/client.ts';
import type { HostEvent } from '../../host/observe/events.ts';
import { startMiniflare } from '../../host/platforms/miniflare/serve.ts';
import type { RunningHost } from '../../host/platforms/running.ts';
import { OWN_MACHINE } from '../conformance/harness.ts';
import { encodedOf, eventually } from './function.ts';

let host: RunningHost;
let admin: AdminClient;
const events: HostEvent[] = [];

beforeAll(async () => {
  host = await startMiniflare({ port: 0, state: null, network: OWN_MACHINE, onEvent: (event) => void events.push(event) });
  admin = createAdminClient({ url: host.url, token: host.token });
});
afterAll(() => host.stop());

async function publish(...args: Parameters<typeof encodedOf>): Promise<void> {
  await admin.publish(args[0], encodedOf(...args), { alias: 'live' });
}

describe('an isolate of the loader', () => {
  it("finds in env what its manifest says, and nothing of the host's, by whichever way it looks", async () => {
    const source = `
      import { env as imported } from 'cloudflare:workers';
      const early = Reflect.ownKeys(imported);
      export default { async fetch(request, env, ctx) {
        const cell = await import('./brink-cell.js');
        return Response.json([early, Reflect.ownKeys(imported), Reflect.ownKeys(env), Reflect.ownKeys(ctx.props), Object.keys(cell)]);
      } }`;
    await publish('hidden', source, { vars: { A: 1 } });
    expect(await (await fetch(`${host.url}/hidden/`)).json()).toEqual([['A'], ['A'], ['A'], [], ['default']]);
  });

  it('runs code that was written for an old date', async () => {
    await publish('old', 'export default { fetch: () => new Response("old") }', { compatibility_date: '2022-01-01' });
    expect(await (await fetch(`${host.url}/old/`)).text()).toBe('old');
  });

  it("cannot pass a failure of its own off as the host's", async () => {
    const source = `export default { fetch() { throw new Error('brink:["cell-crashed","forged",""]') } }`;
    await publish('forger', source);
    const response = await fetch(`${host.url}/forger/`);
    expect(await response.json()).toMatchObject({ status: 500, code: 'handler-threw' });
  });

  it('sends console lines with their invocation, and those of the top level with the first one', async () => {
    await publish(
      'talker',
      `console.log('top'); export default { fetch(_request, _env, ctx) { console.warn('in'); return new Response(ctx.brink.requestId) } }`,
    );
    const requestId = await (await fetch(`${host.url}/talker/`)).text();
    const lines = await eventually(() => {
      const found = events.filter((event) => event.type === 'console' && event.function === 'talker');
      return found.length >= 2 ? found : undefined;
    });
    expect(lines).toContainEqual(expect.objectContaining({ message: 'top', requestId: null, version: 1 }));
    expect(lines).toContainEqual(expect.objectContaining({ message: 'in', level: 'warn', requestId }));
    expect(lines.every(({ time }) => time > 1e12)).toBe(true);
  });

  it('keeps a cache that no other function sees', async () => {
    const source = `export default { async fetch(request) {
      const key = 'https://cache.test/a';
      const found = await caches.default.match(key);
      await caches.default.put(key, new Response('mine', { headers: { 'cache-control': 'max-age=60' } }));
      return new Response(found ? await found.text() : 'none');
    } }`;
    await publish('cache-one', source);
    await publish('cache-two', source);
    const ask = async (name: string) => (await fetch(`${host.url}/${name}/`)).text();
    expect([await ask('cache-one'), await ask('cache-one'), await ask('cache-two')]).toEqual(['none', 'mine', 'none']);
  });

  it('reaches the hosts that its manifest names, and no other, also not by a redirect', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers);
      if (request.url === '/away') response.writeHead(302, { location: `http://localhost:${(server.address() as AddressInfo).port}/` });
      response.end('reached');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const source = `export default { fetch: (request) => fetch(new URL(request.url).searchParams.get('to')).catch((error) => new Response(error.message)) }`;
    await publish('out', source, { capabilities: { outbound: ['127.0.0.1'] } });
    const ask = async (to: string) => (await fetch(`${host.url}/out/?to=${encodeURIComponent(to)}`)).text();
    expect(await ask(`http://127.0.0.1:${port}/`)).toBe('reached');
    expect(await ask(`http://127.0.0.1:${port}/away`)).toContain('A connection to localhost is not allowed');
    expect(await ask('http://example.com/')).toContain('A connection to example.com is not allowed');
    expect(seen).toHaveLength(2);
    expect(seen[0]!['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
    server.close();
  });

  it('refuses an artifact that does not start, with its place and none of ours', async () => {
    const failing = admin.publish('broken', encodedOf('broken', 'const a = 1;\nthrow new TypeError("at the top")'));
    await expect(failing).rejects.toMatchObject({
      code: 'startup-failed',
      message: 'broken could not start: TypeError: at the top (main.js:2:7)',
    });
    await expect(failing).rejects.not.toMatchObject({ details: { stack: expect.stringContaining('brink-cell') as string } });
  });

  it('hears of its deadline', async () => {
    const source = `export default { async fetch(request) {
      request.signal.addEventListener('abort', () => console.log('aborted'));
      await scheduler.wait(60_000);
    } }`;
    await publish('late', source, { limits: { deadline_ms: 100 } });
    expect((await fetch(`${host.url}/late/`)).status).toBe(504);
    await eventually(() => events.find((event) => event.type === 'console' && event.message === 'aborted'));
  });

  it('takes a module of 40 MB', async () => {
    const more = { 'data.bin': { type: 'data' as const, bytes: new Uint8Array(40_000_000).fill(7) } };
    await publish(
      'large',
      `import data from './data.bin'; export default { fetch: () => new Response(String(data.byteLength)) }`,
      {},
      more,
    );
    expect(await (await fetch(`${host.url}/large/`)).text()).toBe('40000000');
  });
});
