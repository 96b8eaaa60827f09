import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Suite } from './cells.ts';
import { publish } from './harness.ts';

const ECHO = `export default { fetch(request) {
  if (request.headers.get('upgrade') !== 'websocket') return new Response('upgrade!', { status: 426 });
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.addEventListener('message', (event) => {
    if (event.data === 'close') server.close(4001, 'asked');
    else server.send(typeof event.data === 'string' ? 'echo ' + event.data : event.data);
  });
  server.addEventListener('close', (event) => console.log('closed', event.code, event.reason));
  server.send('hello');
  return new Response(null, { status: 101, webSocket: client, headers: { 'x-socket': '1' } });
} }`;

export const socketSuite: Suite = (host) => {
  describe('WebSocket', () => {
    const open = async (url: string) => {
      const socket = new WebSocket(url.replace('http', 'ws'));
      const received: (string | Buffer)[] = [];
      const waiting: ((value: string | Buffer) => void)[] = [];
      socket.on('message', (data: Buffer, binary) => {
        const value = binary ? data : data.toString();
        const next = waiting.shift();
        if (next) next(value);
        else received.push(value);
      });
      const next = () =>
        received.length > 0 ? Promise.resolve(received.shift()!) : new Promise<string | Buffer>((resolve) => waiting.push(resolve));
      const upgrade = new Promise<import('node:http').IncomingMessage>((resolve) => socket.once('upgrade', resolve));
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
      return { socket, next, upgrade: await upgrade };
    };

    it('text and bytes go both ways, in order', async () => {
      const { url } = await publish(host(), ECHO);
      const { socket, next, upgrade } = await open(url);
      expect(upgrade.headers['x-socket']).toBe('1');
      expect(await next()).toBe('hello');
      for (let n = 0; n < 50; n++) socket.send(`m${n}`);
      for (let n = 0; n < 50; n++) expect(await next()).toBe(`echo m${n}`);
      const bytes = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, index) => index));
      socket.send(bytes);
      expect(Buffer.compare((await next()) as Buffer, bytes)).toBe(0);
      socket.close();
    });

    it('a function’s close reaches the client with code and reason', async () => {
      const { url } = await publish(host(), ECHO);
      const { socket } = await open(url);
      const closed = new Promise((resolve) => socket.once('close', (code: number, reason: Buffer) => resolve([code, reason.toString()])));
      socket.send('close');
      expect(await closed).toEqual([4001, 'asked']);
    });

    it('a request without Upgrade gets the function’s plain response', async () => {
      const { url } = await publish(host(), ECHO);
      const response = await fetch(url);
      expect(response.status).toBe(426);
      expect(await response.text()).toBe('upgrade!');
    });

    it('an upgrade that the function refuses is an HTTP response', async () => {
      const { url } = await publish(
        host(),
        `export default { fetch: () => new Response('no', { status: 403, headers: { 'x-why': 'because' } }) }`,
      );
      const socket = new WebSocket(url.replace('http', 'ws'));
      const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
        socket.once('unexpected-response', (_request, answer) => resolve(answer)).once('error', reject);
      });
      expect(response.statusCode).toBe(403);
      expect(response.headers['x-why']).toBe('because');
      socket.on('error', () => {}).terminate();
    });
  });
};
