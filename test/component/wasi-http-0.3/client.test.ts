import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { client, nextHandler } from '../../../host/component/wasi/http-0.3/client.ts';
import type { WasiResponse } from '../../../host/component/wasi/http-0.3/response.ts';
import { requestTrailers, setResponseTrailers } from '../../../host/component/trailers.ts';
import { toWasiRequest } from '../../../host/component/wasi/http-0.3/exchange.ts';
import { bytes, FakeStream, fakeWorld, functionsOf, valueOf } from '../wasi/fake-world.ts';
import { collect, FakeFuture, fieldsOf, http, newRequest, nextOf, OK } from './guest.ts';

type Sent = { tag: 'ok'; val: WasiResponse } | { tag: 'err'; val: { tag: string; val?: unknown } };

function sender(fetch: (request: Request) => Promise<Response>, signal = new AbortController().signal) {
  const { send } = functionsOf(client, { world: fakeWorld({ fetch }), signal });
  return (request: unknown) => send!(request) as Promise<Sent>;
}

const answer =
  (body: BodyInit | null = null, init?: ResponseInit) =>
  () =>
    Promise.resolve(new Response(body, init));
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
const consume = (response: unknown) => http['[static]response.consume-body']!(response, new FakeFuture()) as [unknown, unknown];

describe('client.send', () => {
  it('sends method, URL and headers as they are', async () => {
    let seen: Request | undefined;
    const send = sender((request) => {
      seen = request;
      return answer('made', { status: 201, headers: { 'x-b': '2' } })();
    });
    const { request, sent } = newRequest(
      { headers: { 'x-a': '1' } },
      { method: 'DELETE', authority: 'host:81', path: '/pct%2Fx?a=1&a=2&b=' },
    );
    const result = await send(request);
    expect([seen!.method, seen!.url, seen!.headers.get('x-a'), seen!.redirect, seen!.body]).toEqual([
      'DELETE',
      'http://host:81/pct%2Fx?a=1&a=2&b=',
      '1',
      'manual',
      null,
    ]);
    expect(sent()).toEqual(OK);
    const response = result.val as WasiResponse;
    expect(response.status).toBe(201);
    expect(http['[method]fields.get']!(response.headers, 'x-b')).toEqual([bytes('2')]);
    const [stream, trailers] = consume(response);
    expect(await collect(stream)).toBe('made');
    expect(valueOf(trailers)).toEqual(OK);
  });

  it('wasi:http/handler, imported, goes to the network too', async () => {
    const { handle } = functionsOf(nextHandler, { world: fakeWorld({ fetch: answer('next') }) });
    expect(await handle!(newRequest({}).request)).toMatchObject({ tag: 'ok' });
  });

  it('an empty path is sent as a slash', async () => {
    const urls: string[] = [];
    const send = sender((request) => {
      urls.push(request.url);
      return answer()();
    });
    for (const path of [undefined, '', '?x=1']) {
      const { request } = newRequest({});
      http['[method]request.set-path-with-query']!(request, path);
      await send(request);
    }
    expect(urls).toEqual(['http://example.com/', 'http://example.com/', 'http://example.com/?x=1']);
  });

  it('streams the body, only as fast as it is read', async () => {
    const contents = new FakeStream();
    let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
    const response = Promise.withResolvers<Response>();
    const send = sender((request) => {
      reader = request.body!.getReader();
      return response.promise;
    });
    const { request, sent } = newRequest({ contents, headers: { 'content-length': '6' } }, { method: 'POST' });
    const result = send(request);
    await turn();
    expect(contents.reads).toBe(0);
    const first = reader!.read();
    await turn();
    contents.write('abc');
    expect((await first).value).toEqual(bytes('abc'));
    await turn();
    expect(contents.reads).toBe(1);
    const second = reader!.read();
    contents.write('def');
    await second;
    const end = reader!.read();
    contents.write(null);
    expect((await end).done).toBe(true);
    expect(sent()).toBe('pending');
    response.resolve(new Response());
    await result;
    expect(sent()).toEqual(OK);
  });

  it('passes an incoming body through without reading it', async () => {
    const incoming = new Request('http://host/', { method: 'POST', body: 'through' });
    const [stream] = http['[static]request.consume-body']!(toWasiRequest(incoming), new FakeFuture()) as [FakeStream];
    const send = sender(async (request) => new Response(await request.text()));
    const result = await send(newRequest({ contents: stream }, { method: 'PUT' }).request);
    expect(await collect(consume(result.val)[0])).toBe('through');
  });

  it.each([
    ['abc', '4', 3n],
    ['abcde', '4', 5n],
  ])('fails where the body %j is not of content-length %s', async (text, length, size) => {
    const send = sender(async (request) => new Response(await request.text()));
    const { request, sent } = newRequest(
      { contents: new FakeStream(text, null), headers: { 'content-length': length } },
      { method: 'POST' },
    );
    const failed = { tag: 'err', val: { tag: 'HTTP-request-body-size', val: size } };
    expect(await send(request)).toEqual(failed);
    expect(sent()).toEqual(failed);
  });

  it('trailers that are an error fail the request', async () => {
    const send = sender(async (request) => new Response(await request.text()));
    const trailers = new FakeFuture();
    trailers.resolve({ tag: 'err', val: { tag: 'internal-error', val: undefined } });
    const { request } = newRequest({ contents: new FakeStream('partial', null), trailers }, { method: 'POST' });
    expect(await send(request)).toEqual({ tag: 'err', val: { tag: 'internal-error', val: undefined } });
  });

  it('there is no response to a body that broke, though `fetch` has one', async () => {
    const cancelled = vi.fn();
    const send = sender(async (request) => {
      await request.text().catch(() => undefined);
      return new Response(new ReadableStream({ cancel: cancelled }));
    });
    const trailers = new FakeFuture();
    trailers.resolve({ tag: 'err', val: { tag: 'internal-error', val: undefined } });
    const { request, sent } = newRequest({ contents: new FakeStream('partial', null), trailers }, { method: 'POST' });
    expect(await send(request)).toEqual({ tag: 'err', val: { tag: 'internal-error', val: undefined } });
    expect(sent()).toMatchObject({ tag: 'err' });
    expect(cancelled).toHaveBeenCalled();
  });

  it('a response to a body that is not wanted to its end counts', async () => {
    const send = sender(async (request) => {
      const reader = request.body!.getReader();
      await reader.read();
      await reader.cancel();
      return new Response('enough', { status: 413 });
    });
    const { request } = newRequest({ contents: new FakeStream('a', 'b') }, { method: 'POST' });
    expect(await send(request)).toMatchObject({ tag: 'ok', val: { status: 413 } });
  });

  it('trailers that a guest says before the end of its body are taken, and sent after it', async () => {
    const contents = new FakeStream();
    let taken = false;
    class Early extends FakeFuture {
      override read(done: (value: unknown) => void): void {
        taken = true;
        super.read(done);
      }
    }
    const trailers = new Early();
    trailers.resolve({ tag: 'ok', val: fieldsOf({ 'x-sum': '1' }) });
    let seen: string | null | undefined;
    const send = sender(async (request) => {
      await request.text();
      seen = (await requestTrailers(request))?.get('x-sum');
      return new Response();
    });
    const result = send(newRequest({ contents, trailers }, { method: 'POST' }).request);
    await turn();
    expect([taken, seen]).toEqual([true, undefined]);
    contents.write(null);
    expect(await result).toMatchObject({ tag: 'ok' });
    expect(seen).toBe('1');
  });

  it('trailers go beside the request, and come beside the response', async () => {
    let seen: Headers | null | undefined;
    const send = sender(async (request) => {
      await request.text();
      seen = await requestTrailers(request);
      const response = new Response('x');
      setResponseTrailers(response, async () => new Headers({ 'x-parts': '1' }));
      return response;
    });
    const trailers = new FakeFuture();
    trailers.resolve({ tag: 'ok', val: fieldsOf({ 'x-checksum': 'abc' }) });
    const result = await send(newRequest({ contents: new FakeStream('x', null), trailers }, { method: 'POST' }).request);
    expect(seen!.get('x-checksum')).toBe('abc');
    const [stream, future] = consume(result.val);
    await collect(stream);
    await turn();
    const came = valueOf(future) as { val: unknown };
    expect(http['[method]fields.get']!(came.val, 'x-parts')).toEqual([bytes('1')]);
  });

  it.each(['GET', 'HEAD'])('a body with %s may only be empty', async (method) => {
    const send = sender(answer());
    expect(await send(newRequest({ contents: new FakeStream(null) }, { method }).request)).toMatchObject({ tag: 'ok' });
    const contents = new FakeStream('x', null);
    const { request, sent } = newRequest({ contents }, { method });
    expect(await send(request)).toMatchObject({ tag: 'err', val: { tag: 'internal-error' } });
    expect(sent()).toMatchObject({ tag: 'err' });
  });

  it.each([
    ['no authority', (request: unknown) => http['[method]request.set-authority']!(request, undefined), 'HTTP-request-URI-invalid'],
    ['user information', (request: unknown) => http['[method]request.set-authority']!(request, 'a:b@host'), 'HTTP-request-URI-invalid'],
    [
      'another scheme',
      (request: unknown) => http['[method]request.set-scheme']!(request, { tag: 'other', val: 'ftp' }),
      'HTTP-protocol-error',
    ],
    ['CONNECT', (request: unknown) => http['[method]request.set-method']!(request, { tag: 'connect' }), 'HTTP-protocol-error'],
    ['TRACE', (request: unknown) => http['[method]request.set-method']!(request, { tag: 'trace' }), 'HTTP-request-method-invalid'],
  ])('refuses %s', async (_, change, tag) => {
    const { request, sent } = newRequest({});
    change(request);
    expect(await sender(answer())(request)).toMatchObject({ tag: 'err', val: { tag } });
    expect(sent()).toMatchObject({ tag: 'err', val: { tag } });
  });

  it('an error of fetch is an error code, for the request and for its transmission', async () => {
    const send = sender(() =>
      Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) })),
    );
    const { request, sent } = newRequest({});
    expect(await send(request)).toMatchObject({ tag: 'err', val: { tag: 'connection-refused' } });
    expect(sent()).toMatchObject({ tag: 'err', val: { tag: 'connection-refused' } });
  });

  it('a call that the guest cancels aborts the request', async () => {
    const controller = new AbortController();
    const send = sender(
      (request) =>
        new Promise((_, reject) => {
          request.signal.addEventListener('abort', () => reject(request.signal.reason as Error));
        }),
      controller.signal,
    );
    const result = send(newRequest({}).request);
    await turn();
    controller.abort();
    expect(await result).toMatchObject({ tag: 'err' });
  });

  it('headers that were true of the encoded body are gone with the encoding', async () => {
    const send = sender(answer('decoded', { headers: { 'content-encoding': 'gzip', 'content-length': '3', 'x-a': '1' } }));
    const { headers } = (await send(newRequest({}).request)).val as WasiResponse;
    const has = ['content-encoding', 'content-length', 'x-a'].map((name) => http['[method]fields.has']!(headers, name));
    expect(has).toEqual([false, false, true]);
  });

  describe('timeouts', () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
    afterEach(() => void vi.useRealTimers());

    function options(times: Record<string, bigint>): unknown {
      const made = http['[constructor]request-options']!();
      for (const [name, time] of Object.entries(times)) http[`[method]request-options.set-${name}-timeout`]!(made, time);
      return made;
    }

    it('the first byte has to come in time', async () => {
      const send = sender(
        (request) =>
          new Promise((_, reject) => {
            request.signal.addEventListener('abort', () => reject(request.signal.reason as Error));
          }),
      );
      const result = send(newRequest({}, { options: options({ 'first-byte': 50_000_000n }) }).request);
      await vi.advanceTimersByTimeAsync(50);
      expect(await result).toEqual({ tag: 'err', val: { tag: 'connection-read-timeout' } });
      expect(vi.getTimerCount()).toBe(0);
    });

    it('each chunk has to come in time', async () => {
      let write: (text: string) => void = () => undefined;
      let cancelled = false;
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => void (write = (text) => controller.enqueue(bytes(text))),
        cancel: () => void (cancelled = true),
      });
      const send = sender(answer(body as never));
      const result = await send(newRequest({}, { options: options({ 'between-bytes': 50_000_000n }) }).request);
      const [stream, trailers] = consume(result.val);
      write('one');
      expect(await nextOf(stream)).toBe('one');
      await vi.advanceTimersByTimeAsync(1000);
      const next = nextOf(stream);
      await vi.advanceTimersByTimeAsync(50);
      expect(await next).toBe(null);
      expect(valueOf(trailers)).toEqual({ tag: 'err', val: { tag: 'connection-read-timeout' } });
      expect(cancelled).toBe(true);
    });
  });
});
