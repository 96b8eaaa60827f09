import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { InvocationEvent } from '../../host/observe/events.ts';
import { eventually, publish, type TestHost } from './harness.ts';
import { ALL_RULES, AUTHORIZATION, ORIGIN } from './protocols-rules.ts';

const ECHO = `export default { fetch(request) {
  if (request.headers.get('upgrade') !== 'websocket') return new Response('plain');
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.addEventListener('message', ({ data }) => {
    if (data === 'close') server.close(4001, 'asked');
    else server.send(typeof data === 'string' ? 'echo ' + data : data);
  });
  server.send(request.headers.get('x-rule') ?? 'no rule');
  return new Response(null, { status: 101, webSocket: client, headers: { 'x-own': '1' } });
} }`;

export function socketCases(host: () => TestHost): void {
  describe('a WebSocket behind all rules', () => {
    const open = async (gateway: object = ALL_RULES) => {
      const { name, url } = await publish(host(), ECHO, { manifest: { gateway: [gateway], scaling: { max_cells: 1 } } });
      await host().admin.putSecret(name, 'USERS', 'ann:correct-horse');
      return { name, url };
    };

    it('opens, and its messages go both ways', async () => {
      const { name, url } = await open();
      const { socket, upgrade, next } = await connect(url);
      expect(upgrade.statusCode).toBe(101);
      const { headers } = upgrade;
      expect([headers['x-own'], headers['x-from-rules'], headers['access-control-allow-origin']]).toEqual(['1', '1', ORIGIN]);
      expect(headers['ratelimit-policy']).toBe('"default";q=1000;w=600');
      expect([headers['content-encoding'], headers['etag']]).toEqual([undefined, undefined]);
      expect(await next()).toBe('set');
      for (let each = 0; each < 50; each++) socket.send(`m${each}`);
      for (let each = 0; each < 50; each++) expect(await next()).toBe(`echo m${each}`);
      const bytes = Buffer.alloc(200_000, 7);
      socket.send(bytes);
      expect(Buffer.compare((await next()) as Buffer, bytes)).toBe(0);
      socket.send('close');
      const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
      expect([code, reason.toString()]).toEqual([4001, 'asked']);
      const events = await eventually(() => {
        const found = host().events.filter((event): event is InvocationEvent => event.type === 'invocation' && event.function === name);
        return found.length > 0 ? found : undefined;
      });
      expect(events.map(({ status, principal }) => [status, principal])).toEqual([[101, 'basic:ann']]);
    });

    it('is refused before the upgrade where auth lets nobody in, and the function is not called', async () => {
      const { name, url } = await open();
      const refused = await refusedBy(url, { origin: ORIGIN });
      expect([refused.status, refused.headers['www-authenticate'], refused.headers['access-control-allow-origin']]).toEqual([
        401,
        'Basic realm="brink", charset="UTF-8"',
        ORIGIN,
      ]);
      expect(refused.body).toContain('credentials-missing');
      const events = await eventually(() => {
        const found = host().events.filter((event) => event.type === 'invocation' && event.function === name);
        return found.length > 0 ? found : undefined;
      });
      expect(events).toMatchObject([{ trigger: 'gateway', status: 401 }]);
    });

    it('is refused where too many came', async () => {
      const { url } = await open({ rate_limit: { limit: 1, period: '10m', by: 'function' } });
      const { socket } = await connect(url);
      const refused = await refusedBy(url);
      expect([refused.status, refused.headers['ratelimit']]).toEqual([429, expect.stringMatching(/^"default";r=0;/)]);
      socket.close();
    });

    it('counts as under way until it is closed', async () => {
      const { url } = await open({ concurrency: { limit: 2, by: 'function' } });
      const sockets = [await connect(url), await connect(url)];
      expect(await sockets[0]!.next()).toBe('no rule');
      expect((await refusedBy(url)).status).toBe(429);
      expect((await fetch(url)).status).toBe(429);
      sockets[0]!.socket.send('close');
      await eventually(async () => ((await fetch(url)).status === 200 ? true : undefined));
      sockets[1]!.socket.terminate();
      const again = await eventually(async () => {
        const both = await Promise.all([connect(url), connect(url)].map((each) => each.catch(() => null)));
        if (both[0] && both[1]) return both;
        for (const each of both) each?.socket.close();
        return undefined;
      });
      for (const each of again) {
        each!.socket.send('hello');
        expect([await each!.next(), await each!.next()]).toEqual(['no rule', 'echo hello']);
        each!.socket.close();
      }
    });

    it('is never opened twice, nor answered from what is kept', async () => {
      const { url } = await open({ cache: { ttl: 60 }, retry: { attempts: 3 }, hedge: { after_ms: 1 }, etag: true });
      expect(await (await fetch(url)).text()).toBe('plain');
      const { socket, next, upgrade } = await connect(url);
      expect([upgrade.statusCode, await next()]).toEqual([101, 'no rule']);
      socket.close();
    });
  });
}

interface Connected {
  readonly socket: WebSocket;
  readonly upgrade: IncomingMessage;
  next(): Promise<string | Buffer>;
}

async function connect(url: string): Promise<Connected> {
  const socket = new WebSocket(url.replace('http', 'ws'), { headers: { authorization: AUTHORIZATION, origin: ORIGIN } });
  const received: (string | Buffer)[] = [];
  const waiting: ((value: string | Buffer) => void)[] = [];
  socket.on('message', (data: Buffer, binary) => {
    const value = binary ? data : data.toString();
    const next = waiting.shift();
    if (next) next(value);
    else received.push(value);
  });
  const upgrade = new Promise<IncomingMessage>((resolve) => socket.once('upgrade', resolve));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  socket.on('error', () => {});
  return {
    socket,
    upgrade: await upgrade,
    next: () => (received.length > 0 ? Promise.resolve(received.shift()!) : new Promise((resolve) => waiting.push(resolve))),
  };
}

async function refusedBy(url: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(url.replace('http', 'ws'), { headers });
  socket.on('error', () => {});
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += chunk as string;
  socket.terminate();
  return { status: response.statusCode, headers: response.headers, body };
}
