import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { responseTrailers } from '../../host/component/trailers.ts';
import type { Dispatcher } from '../../host/platforms/node/worker/egress.ts';
import { fetchTrailers, sendStream } from '../../host/platforms/node/worker/trailers.ts';

describe('trailers of HTTP', () => {
  let server: Server;
  let origin: string;
  beforeAll(async () => {
    server = createServer((request, response) => void answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  const native = (globalThis as unknown as Record<symbol, Dispatcher>)[Symbol.for('undici.globalDispatcher.2')]!;
  const get = (path: string) => fetchTrailers(native, (dispatcher) => fetch(origin + path, { dispatcher } as RequestInit));
  const post = (path: string, body: BodyInit, trailers: Promise<Headers | null>, signal: AbortSignal | null = null) =>
    sendStream(
      new Request(origin + path, { method: 'POST', body, signal, duplex: 'half' } as RequestInit),
      new Headers({ trailer: 'x-sum', 'x-own': '1' }),
      trailers,
    );

  it('come beside a response of fetch, once its body has ended', async () => {
    const response = await get('/trailers');
    expect(await response.text()).toBe('onetwo');
    expect([...(await responseTrailers(response)!())!]).toEqual([
      ['x-more', 'a, b'],
      ['x-sum', '3'],
    ]);
  });

  it('are null where there are none', async () => {
    const response = await get('/plain');
    expect(await response.text()).toBe('plain');
    expect(await responseTrailers(response)!()).toBe(null);
  });

  it.each([
    ['text', () => 'sent'],
    ['a stream', () => new Response('sent').body!],
  ])('follow a body of %s, which is chunked', async (_, body) => {
    const response = await post('/mirror', body(), Promise.resolve(new Headers({ 'x-sum': '3' })));
    expect(await response.json()).toEqual({
      method: 'POST',
      body: 'sent',
      trailers: { 'x-sum': '3' },
      own: '1',
      framing: ['chunked', null],
    });
  });

  it('a response to them has its own, and is decoded as fetch does', async () => {
    const response = await post('/gzip', 'x', Promise.resolve(null));
    expect([response.status, response.headers.get('content-encoding'), await response.text()]).toEqual([201, 'gzip', 'squeezed']);
    expect((await responseTrailers(response)!())!.get('x-sum')).toBe('4');
  });

  it('the head goes out before there is any of the body', async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const response = await post('/early', readable, Promise.resolve(null));
    const writer = writable.getWriter();
    await writer.write(new TextEncoder().encode('late'));
    await writer.close();
    expect(await response.text()).toBe('late');
  });

  it('a body of a length that is known goes out as such', async () => {
    const made = new Request(`${origin}/mirror`, { method: 'POST', body: 'four' });
    const response = await sendStream(made, new Headers({ 'content-length': '4' }), Promise.resolve(new Headers({ 'x-sum': '3' })));
    expect(await response.json()).toMatchObject({ body: 'four', trailers: {}, framing: [null, '4'] });
  });

  it('an answer to a body that is not taken counts, and the body is cancelled', async () => {
    const cancelled = Promise.withResolvers<void>();
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
      cancel: () => cancelled.resolve(),
    });
    const response = await post('/refuse', body, Promise.resolve(null));
    expect(response.status).toBe(413);
    await cancelled.promise;
  });

  it('a body that breaks fails the request, with its reason as the cause', async () => {
    const broken = new Error('no more');
    const body = new ReadableStream({ pull: (controller) => controller.error(broken) });
    await expect(post('/mirror', body, Promise.resolve(null))).rejects.toMatchObject({ message: 'fetch failed', cause: broken });
  });

  it('a host that is not there, and an abort, are told as fetch does', async () => {
    const away = new Request('http://127.0.0.1:1/', { method: 'POST', body: 'x' });
    await expect(sendStream(away, new Headers(), Promise.resolve(null))).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    await expect(post('/mirror', 'x', Promise.resolve(null), AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  });
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === '/plain') return void response.end('plain');
  if (request.url === '/trailers') {
    response.writeHead(200, { trailer: 'x-sum, x-more' });
    response.write('one');
    response.write('two');
    response.addTrailers([
      ['x-sum', '3'],
      ['x-more', 'a'],
      ['x-more', 'b'],
    ]);
    return void response.end();
  }
  if (request.url === '/early') {
    response.flushHeaders();
    return void request.pipe(response);
  }
  if (request.url === '/refuse') return void response.writeHead(413, { connection: 'close' }).end(() => request.destroy());
  let body = '';
  for await (const chunk of request) body += String(chunk);
  if (request.url === '/gzip') {
    response.writeHead(201, { 'content-encoding': 'gzip', trailer: 'x-sum' });
    response.write(gzipSync('squeezed'));
    response.addTrailers({ 'x-sum': '4' });
    return void response.end();
  }
  const { headers, trailers, method } = request;
  const framing = [headers['transfer-encoding'] ?? null, headers['content-length'] ?? null];
  response.end(JSON.stringify({ method, body, trailers, own: headers['x-own'], framing }));
}
