import { once } from 'node:events';
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { Agent as HttpsAgent, get, request, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { Agent, fetch } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { eventually, publish } from '../../conformance/harness.ts';
import { openSecure, type SecureHost } from './open.ts';

const FUNCTION = `export default { async fetch(request, env, ctx) {
  if (request.headers.get('upgrade') === 'websocket') {
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    server.addEventListener('message', ({ data }) => server.send(request.url + ' ' + data));
    return new Response(null, { status: 101, webSocket: client });
  }
  const { pathname } = new URL(request.url);
  if (pathname === '/refuse') return new Response('no need', { status: 403 });
  return Response.json({ method: request.method, url: request.url, body: await request.text() });
} }`;

const SLOW = `export default { async fetch(request) {
  if (request.headers.get('upgrade') === 'websocket') {
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    return new Response(null, { status: 101, webSocket: client });
  }
  await new Promise((next) => setTimeout(next, 2_000));
  return new Response('done');
} }`;

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

describe('a host on Node that speaks TLS', () => {
  let host: SecureHost;
  let url: string;
  let port: number;
  let agent: Agent;
  beforeAll(async () => {
    host = await openSecure();
    ({ url } = await publish(host, FUNCTION));
    port = Number(new URL(host.url).port);
    agent = new Agent({ connect: { ca: host.ca }, allowH2: false });
  });
  afterAll(async () => {
    await agent.close();
    await host.stop();
  });

  /** The URL that the function sees. */
  const seen = (path: string) => `${host.url}/${path}`;
  const shake = async (options: ConnectionOptions & { readonly allowHalfOpen?: true } = {}): Promise<TLSSocket> => {
    const socket = connect({ host: '127.0.0.1', port, ca: host.ca, ...options });
    await once(socket, 'secureConnect');
    return socket;
  };
  const asked = async (path: string, options: RequestOptions = {}, body = ''): Promise<IncomingMessage> => {
    const sent = request(url + path, { ca: host.ca, agent: false, ...options }).end(body);
    return ((await once(sent, 'response')) as [IncomingMessage])[0];
  };
  const textOf = async (incoming: IncomingMessage) => (await incoming.setEncoding('utf8').toArray()).join('');
  /** All that comes after these bytes. */
  const exchange = async (socket: TLSSocket, bytes: string): Promise<string> => {
    socket.write(bytes);
    return (await socket.setEncoding('latin1').toArray()).join('');
  };

  it('has a URL of https:, and a certificate', () => {
    expect(host.url).toBe(`https://127.0.0.1:${port}`);
    expect(host.tls.certificate().names).toEqual(['localhost', '127.0.0.1']);
    expect((host.tls.certificate().until - Date.now()) / 86_400_000).toBeCloseTo(90, 1);
  });

  it.each([
    [['h2', 'http/1.1'], 'h2'],
    [['http/1.1', 'h2'], 'h2'],
    [['http/1.1'], 'http/1.1'],
    [[], false],
  ])('to clients that offer %j it speaks %s', async (ALPNProtocols, spoken) => {
    const socket = await shake({ ALPNProtocols });
    expect(socket.alpnProtocol).toBe(spoken);
    expect(socket.getProtocol()).toBe('TLSv1.3');
    socket.destroy();
  });

  it('speaks TLS 1.2, nothing older, and nothing with those who offer no protocol that it has', async () => {
    const socket = await shake({ maxVersion: 'TLSv1.2' });
    expect(socket.getProtocol()).toBe('TLSv1.2');
    socket.destroy();
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await expect(shake(old)).rejects.toThrow(/protocol version/i);
    await expect(shake({ ALPNProtocols: ['spdy/3'] })).rejects.toThrow(/no application protocol/i);
  });

  it('functions see https: by HTTP/1.1, with a body, without one, and whatever the target calls it', async () => {
    expect(JSON.parse(await textOf(await asked('a?b=1')))).toEqual({ method: 'GET', url: seen('a?b=1'), body: '' });
    expect(JSON.parse(await textOf(await asked('a', { method: 'POST' }, 'hello')))).toEqual({
      method: 'POST',
      url: seen('a'),
      body: 'hello',
    });
    const { host: authority, pathname } = new URL(url);
    const target = `http://${authority}${pathname}abs`;
    const text = await exchange(await shake(), `GET ${target} HTTP/1.1\r\nHost: ${authority}\r\nConnection: close\r\n\r\n`);
    expect(text).toContain(`"url":"${seen('abs')}"`);
  });

  it('by HTTP/2, where a client calls it http: too', async () => {
    const session = connectHttp2(host.url, { ca: host.ca });
    const path = new URL(url).pathname;
    for (const headers of [{}, { ':scheme': 'http' }]) {
      const stream = session.request({ ':path': `${path}h2`, ':method': 'POST', ...headers }, { endStream: false });
      stream.end('hello');
      const [head] = (await once(stream, 'response')) as [IncomingHttpHeaders];
      expect(head[':status']).toBe(200);
      expect(JSON.parse((await stream.setEncoding('utf8').toArray()).join('')) as Seen).toEqual({
        method: 'POST',
        url: seen('h2'),
        body: 'hello',
      });
    }
    session.close();
  });

  it('undici speaks to it, by either', async () => {
    const either = new Agent({ connect: { ca: host.ca }, allowH2: true });
    for (const dispatcher of [agent, either]) {
      const response = await fetch(`${url}x`, { dispatcher, method: 'PUT', body: 'hello' });
      expect(await response.json()).toEqual({ method: 'PUT', url: seen('x'), body: 'hello' });
    }
    await either.close();
  });

  it('a client that does not trust the certificate does not speak to it', async () => {
    await expect(fetch(url)).rejects.toMatchObject({ cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } });
    expect((await fetch(`${host.url}/_brink/health`, { dispatcher: agent })).status).toBe(200);
  });

  it('WebSockets: the function sees https:, and the messages', async () => {
    const socket = new WebSocket(`${url.replace('https:', 'wss:')}ws`, { ca: host.ca });
    await once(socket, 'open');
    socket.send('hello');
    const [data] = (await once(socket, 'message')) as [Buffer];
    expect(data.toString()).toBe(`${seen('ws')} hello`);
    socket.close();
    await once(socket, 'close');
  });

  it('keeps a connection, and answers Expect, pipelined requests and what is none as without TLS', async () => {
    const { host: authority, pathname } = new URL(url);
    const head = (more: string, path = 'a') => `POST ${pathname}${path} HTTP/1.1\r\nHost: ${authority}\r\n${more}\r\n`;
    const last = `GET ${pathname}b HTTP/1.1\r\nHost: ${authority}\r\nConnection: close\r\n\r\n`;
    const text = await exchange(await shake(), `${head('Content-Length: 2\r\n')}hi${last}`);
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200']);
    const socket = await shake();
    socket.write(head('Expect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n'));
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(first.toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    expect(await exchange(socket, 'hi')).toContain('"body":"hi"');
    expect(await exchange(await shake(), head('Expect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n', 'refuse'))).toMatch(
      /^HTTP\/1\.1 403/,
    );
    expect(await exchange(await shake(), `GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n${last}`)).toMatch(
      /^HTTP\/1\.1 400(?![^]*HTTP\/1\.1)/,
    );
    expect(await exchange(await shake(), 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).toMatch(/^HTTP\/1\.1 [45]/);
    const kept = get(`${url}k`, { ca: host.ca, agent: false, headers: { connection: 'keep-alive' } });
    const [response] = (await once(kept, 'response')) as [IncomingMessage];
    expect(response.headers['keep-alive']).toBe('timeout=65');
    response.destroy();
  });

  it('a client that ends its side still gets its answer', async () => {
    const { host: authority, pathname } = new URL(url);
    const socket = await shake({ allowHalfOpen: true });
    socket.end(`GET ${pathname}half HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
    expect((await socket.setEncoding('latin1').toArray()).join('')).toContain(`"url":"${seen('half')}"`);
  });
});

describe('a host on Node that speaks TLS, and stops', () => {
  it('finishes what runs by either protocol, tells WebSockets, and waits for nobody who has only connected', async () => {
    const host = await openSecure({ front: { handshakeTimeout: 60_000 } });
    const { name, url } = await publish(host, SLOW, { manifest: { scaling: { max_cells: 1 } } });
    const port = Number(new URL(host.url).port);
    const silent = connectTcp(port, '127.0.0.1');
    const half = connectTcp(port, '127.0.0.1');
    await Promise.all([silent, half].map((socket) => once(socket, 'connect')));
    half.write(Buffer.from([0x16, 3, 1, 2, 0, 1]));
    const session = connectHttp2(host.url, { ca: host.ca });
    const stream = session.request({ ':path': new URL(url).pathname });
    const head = once(stream, 'response') as Promise<[IncomingHttpHeaders]>;
    const socket = new WebSocket(url.replace('https:', 'wss:'), { ca: host.ca });
    await once(socket, 'open');
    const kept = new HttpsAgent({ keepAlive: true, ca: host.ca });
    const response = once(get(url, { agent: kept }), 'response') as Promise<[IncomingMessage]>;
    await eventually(async () => (await host.admin.cells(name))[0]?.calls === 2 || undefined);
    const closed = once(socket, 'close') as Promise<[number]>;
    const stopped = performance.now();
    const stopping = host.stop();
    expect((await head)[0][':status']).toBe(200);
    expect((await stream.setEncoding('utf8').toArray()).join('')).toBe('done');
    const [answer] = await response;
    expect(answer.headers.connection).toBe('close');
    expect((await answer.setEncoding('utf8').toArray()).join('')).toBe('done');
    expect((await closed)[0]).toBe(1001);
    await stopping;
    expect(performance.now() - stopped).toBeLessThan(30_000);
    expect(host.events.filter(({ type }) => type === 'host')).toEqual([]);
    await expect(fetch(url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });
});
