import { once } from 'node:events';
import { request as nodeRequest, type ClientRequest } from 'node:http';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostOptions } from '../../host/platforms/running.ts';
import { eventually, publish, type TestHost } from './harness.ts';

const SOURCE = `let came = 0;
export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/throw') throw new Error('no');
    if (pathname === '/skip') return new Response('skipped');
    if (pathname === '/came') return Response.json(came);
    if (pathname === '/read') {
      for await (const chunk of request.body) came += chunk.byteLength;
      return new Response(String(came));
    }
    if (request.headers.get('upgrade') === 'websocket') {
      const { 0: client, 1: server } = new WebSocketPair();
      server.accept();
      server.addEventListener('message', ({ data }) => server.send(data === 'é' ? 'ééé' : data));
      server.addEventListener('close', ({ code }) => server.close(code, 'bye'));
      return new Response(null, { status: 101, webSocket: client });
    }
    if (pathname === '/503') return new Response('busy', { status: 503 });
    if (pathname === '/stream') {
      const stream = new ReadableStream({
        start(controller) { this.left = 3; },
        pull(controller) {
          if (this.left-- === 0) return controller.close();
          controller.enqueue(new Uint8Array(1000));
        },
      });
      return new Response(stream);
    }
    return new Response('größe' + (await request.text()).length);
  },
  scheduled() {},
};`;

/** What a host counts, on each platform. */
export function meteringSuite(open: (options: Partial<HostOptions>) => Promise<TestHost>): void {
  describe.each([
    ['exact', true],
    ['batched', false],
  ])('metering, %s', (_name, exact) => {
    let host: TestHost;
    beforeAll(async () => void (host = await open({ metering: { exact } })));
    afterAll(() => host.stop());

    it('invocations, errors and bytes of a function are counted once each', async () => {
      const { name, url } = await publish(host, SOURCE, { manifest: { limits: { memory_mb: 256 } } });
      expect(await text(url, { method: 'POST', body: 'abcde' })).toBe('größe5');
      expect(await text(`${url}throw`)).toContain('handler-threw');
      expect(await text(`${url}503`)).toBe('busy');
      expect(await text(url, { method: 'HEAD' })).toBe('');
      const [row] = (await host.admin.usage({ function: name })).usage;
      expect(row).toMatchObject({ function: name, invocations: 4, errors: 2, request_bytes: 5 });
      expect(row!.gb_seconds).toBeGreaterThan(0);
      const problem = (await text(`${url}throw`)).length;
      expect(row!.response_bytes).toBe(8 + problem + 4);
    });

    it('a body that is streamed is counted at its end', async () => {
      const { name, url } = await publish(host, SOURCE);
      expect(await text(`${url}stream`)).toHaveLength(3_000);
      expect((await host.admin.usage({ function: name })).usage).toMatchObject([{ invocations: 1, response_bytes: 3_000 }]);
    });

    it('a client that leaves in the middle of a body is counted with what it was sent, and once', async () => {
      const endless = `export default { fetch: () => new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(10_000)); } })) };`;
      const { name, url } = await publish(host, endless);
      const response = await fetch(url);
      const reader = response.body!.getReader();
      await reader.read();
      await reader.cancel();
      const row = await eventually(async () => {
        const [found] = (await host.admin.usage({ function: name })).usage;
        return found!.response_bytes > 0 ? found : undefined;
      });
      expect(row.invocations).toBe(1);
    });

    const one = { manifest: { scaling: { max_cells: 1 } } };

    it('a request’s body without a length is counted as it passes', async () => {
      const { name, url } = await publish(host, SOURCE, one);
      const { request, answer } = chunked(`${url}read`);
      for (let each = 0; each < 5; each++) await write(request, Buffer.alloc(70_001));
      request.end();
      expect(await answer).toBe('350005');
      expect((await host.admin.usage({ function: name })).usage).toMatchObject([{ invocations: 1, request_bytes: 350_005 }]);
    });

    it('of one that breaks off, what came is counted', async () => {
      const { name, url } = await publish(host, SOURCE, one);
      const { request, answer } = chunked(`${url}read`);
      await write(request, Buffer.alloc(1_234));
      await eventually(async () => ((await text(`${url}came`)) === '1234' ? true : undefined));
      request.destroy();
      await answer.catch(() => {});
      const row = await eventually(async () => {
        const { usage } = await host.admin.usage({ function: name });
        return usage[0]!.request_bytes === 1_234 ? usage[0] : undefined;
      });
      expect(row.request_bytes).toBe(1_234);
    });

    it('messages of a WebSocket are counted, in both ways', async () => {
      const { name, url } = await publish(host, SOURCE, one);
      const socket = new WebSocket(url.replace('http', 'ws'));
      await once(socket, 'open');
      for (const message of ['é', Buffer.alloc(1_000)]) {
        socket.send(message);
        await once(socket, 'message');
      }
      socket.close(4000);
      await once(socket, 'close');
      const { usage } = await host.admin.usage({ function: name });
      expect(usage).toMatchObject([{ invocations: 1, request_bytes: 2 + 1_000, response_bytes: 6 + 1_000 }]);
    });

    it('who calls and what answered are told apart', async () => {
      const { name, url } = await publish(host, SOURCE, { manifest: { gateway: [{ auth: { basic: { users: 'USERS' } } }] } });
      await host.admin.putSecret(name, 'USERS', 'ann:correct-horse-battery');
      const authorization = `Basic ${btoa('ann:correct-horse-battery')}`;
      await eventually(async () => ((await fetch(url, { headers: { authorization } })).status === 200 ? true : undefined));
      expect((await fetch(url)).status).toBe(401);
      const { usage } = await host.admin.usage({ function: name, by: 'principal,trigger,alias,version' });
      expect(usage).toContainEqual(
        expect.objectContaining({ principal: 'basic:ann', trigger: 'http', alias: 'live', version: 1, errors: 0 }),
      );
      expect(usage).toContainEqual(expect.objectContaining({ principal: null, trigger: 'gateway', gb_seconds: 0 }));
    });

    it('a route is a column, and what other functions call is their own', async () => {
      const path = `metered-${exact ? 'e' : 'b'}`;
      const { name: inner } = await publish(host, SOURCE);
      const caller = `export default { fetch: (request, env) => env.INNER.fetch('http://inner/') };`;
      const manifest = { routes: [{ pattern: `*/${path}/*` }], services: [{ binding: 'INNER', service: inner }] };
      const { name } = await publish(host, caller, { manifest });
      expect(await text(`${host.url}/${path}/x`)).toBe('größe0');
      expect((await host.admin.usage({ function: name, by: 'route' })).usage).toMatchObject([{ route: `*/${path}/*`, invocations: 1 }]);
      expect((await host.admin.usage({ function: inner, by: 'trigger' })).usage).toMatchObject([{ trigger: 'service', invocations: 1 }]);
    });

    it('schedules are counted too', async () => {
      const { name } = await publish(host, SOURCE);
      await host.admin.scheduled(name);
      expect((await host.admin.usage({ function: name, by: 'trigger' })).usage).toMatchObject([{ trigger: 'scheduled', invocations: 1 }]);
    });

    it('CPU time is told where the engine knows it', async () => {
      const { name, url } = await publish(
        host,
        `export default { fetch() { let sum = 0; for (let i = 0; i < 3e8; i++) sum += i; return new Response(String(sum)); } };`,
      );
      await text(url);
      const cpu = async () => (await host.admin.usage({ function: name })).usage[0]!.cpu_ms;
      if (host.platform === 'workerd') return expect(await cpu()).toBeNull();
      // Its cell is looked at from outside, some fifty ms later.
      const ms = await eventually(async () => ((await cpu()) ?? 0) > 30 || undefined);
      expect(ms).toBe(true);
      expect(await cpu()).toBeLessThan(5_000);
      return undefined;
    });

    it('many at once are all counted', async () => {
      const { name, url } = await publish(host, SOURCE);
      await Promise.all(Array.from({ length: 200 }, () => text(url)));
      expect((await host.admin.usage({ function: name })).usage).toMatchObject([{ invocations: 200, response_bytes: 1_600 }]);
    });

    it('CSV has the same rows under a head', async () => {
      const { name, url } = await publish(host, SOURCE);
      await text(url);
      const lines = (await host.admin.usageCsv({ function: name, by: 'day,function' })).split('\r\n');
      expect(lines[0]).toBe('day,function,invocations,errors,cpu_ms,gb_seconds,request_bytes,response_bytes');
      expect(lines[1]).toMatch(new RegExp(`^\\d{4}-\\d\\d-\\d\\d,${name},1,0,[\\d.]*,[\\d.]+,0,8$`));
      expect(lines.slice(2)).toEqual(['']);
    });

    it.each([
      ['from=yesterday', 'at from'],
      ['from=2026-02-30', 'at from'],
      ['from=2026-11-25T21:30', 'at from'],
      ['from=2026-11-25&to=2026-11-25', 'after from'],
      ['from=2000-01-01', '400 days'],
      ['by=function,colour', 'colour'],
      ['format=xml', 'at format'],
    ])('%s is refused', async (query, what) => {
      const response = await fetch(`${host.url}/_brink/usage?${query}`, { headers: { authorization: `Bearer ${host.token}` } });
      expect(response.status).toBe(400);
      expect(await response.text()).toContain(what);
    });
  });

  describe('without metering', () => {
    it('usage says how to have it', async () => {
      const host = await open({});
      await expect(host.admin.usage()).rejects.toThrow('--metering');
      await host.stop();
    });
  });
}

async function text(url: string, init?: RequestInit): Promise<string> {
  return (await fetch(url, init)).text();
}

function chunked(url: string): { readonly request: ClientRequest; readonly answer: Promise<string> } {
  const request = nodeRequest(url, { method: 'POST' });
  const answer = new Promise<string>((resolve, reject) => {
    request.on('error', reject).on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve(body)).on('error', reject);
    });
  });
  return { request, answer };
}

function write(request: ClientRequest, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => request.write(bytes, () => resolve()));
}
