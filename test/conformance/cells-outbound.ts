import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Suite } from './cells.ts';
import { publish } from './harness.ts';

export const outboundSuite: Suite = (host) => {
  describe('fetch of a function', () => {
    let server: Server;
    let origin: string;
    beforeAll(async () => {
      server = createServer(answer);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterAll(() => void server.close());

    const run = async (body: string, manifest: Record<string, unknown> = {}, init?: RequestInit) => {
      const { url } = await publish(host(), `export default { async fetch(request, env, ctx) { const ORIGIN = env.ORIGIN; ${body} } }`, {
        manifest: { vars: { ORIGIN: origin }, ...manifest },
      });
      return fetch(url, init);
    };

    it('carries the trace along, unless the function sets its own', async () => {
      const response = await run(
        `const one = await (await fetch(ORIGIN + '/mirror')).json(); const two = await (await fetch(ORIGIN + '/mirror', { headers: { traceparent: 'own' } })).json();
         return Response.json([one.headers.traceparent === ctx.brink.traceparent, two.headers.traceparent])`,
      );
      expect(await response.json()).toEqual([true, 'own']);
    });

    it('puts its own step of the trace in the place of the one that it was sent, where a function hands that on', async () => {
      const sent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      const response = await run(
        `const { headers } = await (await fetch(new Request(ORIGIN + '/mirror', request))).json();
         return Response.json([headers.traceparent === ctx.brink.traceparent, request.headers.get('traceparent')])`,
        {},
        { headers: { traceparent: sent } },
      );
      expect(await response.json()).toEqual([true, sent]);
    });

    it('a function that calls its own public URL is stopped 16 deep, whether it hands the request on or makes one', async () => {
      for (const [how, headers] of [
        ['new Request(ctx.brink.url, request)', {}],
        ['new Request(ctx.brink.url, request)', { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }],
        ['ctx.brink.url', {}],
      ] as const) {
        const source = `let calls = 0; export default { fetch: (request, env, ctx) => new URL(request.url).pathname.endsWith('/calls')
          ? new Response(String(calls)) : (calls++, fetch(${how})) }`;
        const { url } = await publish(host(), source, { alias: 'live' });
        const response = await fetch(url, { headers });
        expect(response.status).toBe(508);
        expect(await response.json()).toMatchObject({ code: 'loop-detected' });
        expect(await (await fetch(`${url}/calls`)).text()).toBe('17');
      }
    });

    it('takes the incoming request, a changed copy of it, and streams', async () => {
      const response = await run(
        `const first = await (await fetch(new Request(ORIGIN + '/mirror', request))).json();
         const second = await (await fetch(ORIGIN + '/mirror', { method: 'PUT', body: new Response('streamed').body, headers: { 'x-own': '1' } })).json();
         return Response.json([first.method, first.body, first.headers['x-from'], second.method, second.body, second.headers['x-own']])`,
        {},
        { method: 'POST', body: 'passed on', headers: { 'x-from': 'client' } },
      );
      expect(await response.json()).toEqual(['POST', 'passed on', 'client', 'PUT', 'streamed', '1']);
    });

    it('a compressed response can be read, and passed on', async () => {
      const read = await run(`return new Response(await (await fetch(ORIGIN + '/gzip')).text())`);
      expect(await read.text()).toBe('squeezed'.repeat(50));
      const passed = await run(`return fetch(ORIGIN + '/gzip')`);
      expect(await passed.text()).toBe('squeezed'.repeat(50));
      const copied = await run(
        `const inner = await fetch(ORIGIN + '/gzip'); const copy = new Response(inner.body, inner); copy.headers.set('x-copy', '1'); return copy`,
      );
      expect(copied.headers.get('x-copy')).toBe('1');
      expect(await copied.text()).toBe('squeezed'.repeat(50));
    });

    it('reaches only the hosts that capabilities.outbound names, also by a redirect', async () => {
      const body = `try { return await fetch(ORIGIN + new URL(request.url).pathname) } catch (error) { return new Response(String(error.cause?.message ?? error.message), { status: 599 }) }`;
      const open = await run(body, { capabilities: { outbound: ['127.0.0.1'] } });
      expect(open.status).toBe(404);
      const closed = await run(body, { capabilities: { outbound: ['example.com', '*.example.org'] } });
      expect(closed.status).not.toBe(404);
      expect(await closed.text()).toContain('127.0.0.1');
      const none = await run(body, { capabilities: { outbound: [] } });
      expect(none.status).not.toBe(404);
    });

    it('opens no WebSocket to a host that capabilities.outbound does not name', async () => {
      const body = `return new Promise((resolve) => { const say = (text) => resolve(new Response(text));
        try { const socket = new WebSocket(ORIGIN.replace('http', 'ws')); socket.addEventListener('open', () => say('open')); socket.addEventListener('error', () => say('refused')); socket.addEventListener('close', () => say('refused')) } catch { say('refused') } })`;
      expect(await (await run(body, { capabilities: { outbound: ['example.com'] } })).text()).toBe('refused');
    });

    function answer(request: IncomingMessage, response: ServerResponse): void {
      if (request.url === '/gzip') {
        response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'text/plain' }).end(gzipSync('squeezed'.repeat(50)));
        return;
      }
      if (request.url !== '/mirror') {
        response.writeHead(404).end();
        return;
      }
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk)).on('end', () => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ method: request.method, headers: request.headers, body }));
      }); // prettier-ignore
    }
  });
};
