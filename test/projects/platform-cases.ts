import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { eventually } from '../conformance/harness.ts';
import type { Cases } from './cases.ts';

export const platformCases: Cases = (projects) => {
  const logged = (text: string) =>
    eventually(() => projects().host.events.find((event) => event.type === 'console' && event.message === text) && true);

  describe('what the platform gives', () => {
    it('a WebSocketPair, of which one end goes into the response', async () => {
      const url = await projects().open('socket');
      expect((await fetch(`${url}/counter`)).status).toBe(426);
      const socket = await connected(`${url}/counter`);
      expect(await answer(socket, 'CLICK')).toBe('{"clicks":1}');
      expect(await answer(socket, 'CLICK')).toBe('{"clicks":2}');
      expect(await answer(socket, 'what')).toBe('{"error":"Unknown message"}');
      socket.close(1000);
      expect(await logged('closed with 1000')).toBe(true);
    });

    it('a WebSocket by Hono’s helper', async () => {
      const url = await projects().open('socket');
      const socket = await connected(`${url}/echo`);
      expect(await answer(socket, 'hi')).toBe('echo hi');
      socket.close();
    });

    it('streams both ways: a body that is transformed, one that is counted and hashed, one that is written later', async () => {
      const url = await projects().open('streams');
      const upper = await fetch(`${url}/upper`, {
        method: 'POST',
        body: new Blob(['grüße ', 'all']).stream(),
        duplex: 'half',
      } as RequestInit);
      expect(await upper.text()).toBe('GRÜSSE ALL');
      const body = new Uint8Array(200_000).map((_, index) => index);
      const sized = await fetch(`${url}/sizes`, { method: 'POST', body });
      expect(sized.headers.get('x-digest')).toBe(createHash('sha256').update(body).digest('hex'));
      expect(Buffer.compare(Buffer.from(await sized.arrayBuffer()), body)).toBe(0);
      expect(await (await fetch(`${url}/ticks`)).text()).toBe('data: 1\n\ndata: 2\n\ndata: 3\n\n');
    });

    it('an entrypoint class as the default export, and the env of cloudflare:workers', async () => {
      const url = await projects().open('entrypoint');
      expect(await (await fetch(`${url}/`)).json()).toEqual({ early: 'entry', name: 'entry', greeting: 'hi' });
      expect(await logged('GET was logged')).toBe(true);
    });

    it('caches.default, filled by waitUntil', async () => {
      const url = await projects().open('life');
      const made = async () => (await fetch(`${url}/page`)).headers.get('x-made');
      const first = await made();
      expect(await eventually(async () => (await made()) === (await made()) || undefined)).toBe(true);
      expect(first).toMatch(/^0\./);
    });

    it('passThroughOnException finds no origin: what is thrown is the host’s to answer', async () => {
      const response = await fetch(`${await projects().open('life')}/throws`);
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([500, 'handler-threw']);
    });

    it('events of the global scope: a rejection that nobody handles', async () => {
      const response = await fetch(`${await projects().open('life')}/rejects`);
      expect(await response.text()).toBe('rejected');
      expect(await logged('unhandled: nobody waits')).toBe(true);
    });

    it('HTMLRewriter on workerd alone', async () => {
      const response = await fetch(`${await projects().open('life')}/rewriter`);
      const expected = projects().host.platform === 'workerd' ? [200, '<a href="/z">y</a>'] : [501, 'no HTMLRewriter'];
      expect([response.status, await response.text()]).toEqual(expected);
    });

    it('nodejs_compat: packages that import what they never use, whatever their date', async () => {
      const url = await projects().open('node-modules');
      expect(await (await fetch(`${url}/`)).json()).toEqual({
        os: ['localhost', 'Linux'],
        agent: 'function',
        file: 'function',
        joined: 'b',
        coloured: false,
        stored: 'kept',
        listeners: 0,
        debug: 'on',
        shown: '{ a: [ 1 ] }',
        buffer: 'aGk=',
      });
    });

    it('nodejs_als: AsyncLocalStorage and no more', async () => {
      const url = await projects().open('als');
      expect(await (await fetch(`${url}/`)).json()).toEqual([1, 2, 3, 'function']);
    });

    it('a proxy that makes its request and its response of those it has', async () => {
      const upstream = await upstreamServer();
      const { port } = upstream.address() as AddressInfo;
      try {
        const url = await projects().open('proxy', { vars: { UPSTREAM: `http://127.0.0.1:${port}` } });
        const response = await fetch(`${url}/a?b=1`, { method: 'PUT', body: 'body', headers: { 'x-mine': 'kept' } });
        expect([
          response.status,
          response.statusText,
          response.headers.get('access-control-allow-origin'),
          response.headers.get('vary'),
        ]).toEqual([201, 'Made', '*', 'accept, origin']);
        expect(await response.json()).toEqual({ method: 'PUT', url: '/a?b=1', body: 'body', mine: 'kept', proxied: 'yes' });
      } finally {
        upstream.close();
      }
    });
  });
};

async function connected(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url.replace('http', 'ws'));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return socket;
}

function answer(socket: WebSocket, text: string): Promise<string> {
  socket.send(text);
  return new Promise((resolve) => socket.once('message', (data: Buffer) => resolve(data.toString())));
}

/** Answers with what it got. */
async function upstreamServer(): Promise<Server> {
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      response.writeHead(201, 'Made', { 'content-type': 'application/json', vary: 'accept' });
      response.end(JSON.stringify({ method, url, body, mine: headers['x-mine'], proxied: headers['x-proxied'] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
