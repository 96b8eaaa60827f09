import { describe, expect, it, vi } from 'vitest';
import type { IncomingBody } from '../../../host/component/wasi/http-0.2/incoming-body.ts';
import type { IncomingResponse } from '../../../host/component/wasi/http-0.2/incoming-message.ts';
import { outgoingHandler, type FutureIncomingResponse } from '../../../host/component/wasi/http-0.2/outgoing-handler.ts';
import type { OutgoingRequest } from '../../../host/component/wasi/http-0.2/outgoing-message.ts';
import { requestTrailers } from '../../../host/component/trailers.ts';
import type { InputStream } from '../../../host/component/wasi/io/input-stream.ts';
import type { Pollable } from '../../../host/component/wasi/io/poll.ts';
import { fakeWorld, functionsOf } from '../wasi/fake-world.ts';
import { bodyOf, CLOSED, DONE, ERR, finish, headers, http, text, value, write } from './guest.ts';

type Fetch = (request: Request) => Promise<Response>;

interface Parts {
  readonly method?: { tag: string; val?: string };
  readonly scheme?: { tag: string; val?: string };
  readonly authority?: string;
  readonly path?: string;
  readonly lines?: Readonly<Record<string, string>>;
}

function outgoing({
  method = { tag: 'get' },
  scheme = { tag: 'HTTP' },
  authority = 'example.com',
  path = '/',
  lines = {},
}: Parts = {}): OutgoingRequest {
  const request = http['[constructor]outgoing-request']!(headers(lines)) as OutgoingRequest;
  expect(http['[method]outgoing-request.set-method']!(request, method)).toEqual(DONE);
  expect(http['[method]outgoing-request.set-scheme']!(request, scheme)).toEqual(DONE);
  expect(http['[method]outgoing-request.set-authority']!(request, authority)).toEqual(DONE);
  expect(http['[method]outgoing-request.set-path-with-query']!(request, path)).toEqual(DONE);
  return request;
}

function handle(fetch: Fetch, request: OutgoingRequest, options?: unknown, signal = new AbortController().signal): unknown {
  return functionsOf(outgoingHandler, { world: fakeWorld({ fetch, signal }) })['handle']!(request, options);
}

async function arrived(future: FutureIncomingResponse): Promise<unknown> {
  const pollable = http['[method]future-incoming-response.subscribe']!(future) as Pollable;
  if (!pollable.ready) await new Promise<void>((resolve) => pollable.wait(resolve));
  return value(http['[method]future-incoming-response.get']!(future));
}

async function send(fetch: Fetch, request: OutgoingRequest, options?: unknown): Promise<unknown> {
  return arrived(value(handle(fetch, request, options)));
}

/** A `fetch` that never answers, as long as nobody aborts it. */
const silent: Fetch = ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

describe('outgoing-handler', () => {
  it('sends the request through the platform, and gives its response once', async () => {
    let sent: Request | null = null;
    const fetch: Fetch = (request) => {
      sent = request;
      return Promise.resolve(new Response('Hi', { status: 203, headers: { 'x-b': 'c' } }));
    };
    const future = value<FutureIncomingResponse>(
      handle(fetch, outgoing({ method: { tag: 'delete' }, path: '/a?b=c', lines: { 'x-a': 'b' } })),
    );
    expect(http['[method]future-incoming-response.get']!(future)).toBeUndefined();
    const response = value<IncomingResponse>(await arrived(future));
    expect(http['[method]future-incoming-response.get']!(future)).toEqual(ERR);
    expect(sent!.method).toBe('DELETE');
    expect(sent!.url).toBe('http://example.com/a?b=c');
    expect(sent!.headers.get('x-a')).toBe('b');
    expect(sent!.redirect).toBe('manual');
    expect(http['[method]incoming-response.status']!(response)).toBe(203);
    expect(http['[method]fields.get']!(http['[method]incoming-response.headers']!(response), 'x-b')).toEqual([text('c')]);
    const body = value<IncomingBody>(http['[method]incoming-response.consume']!(response));
    expect(http['[method]incoming-response.consume']!(response)).toEqual(ERR);
    expect(await value<InputStream>(body.stream()).blockingRead(9n)).toEqual({ tag: 'ok', val: text('Hi') });
  });

  it('https is the scheme where none is said', async () => {
    const request = outgoing();
    http['[method]outgoing-request.set-scheme']!(request, undefined);
    let url = '';
    await send((sent) => Promise.resolve(((url = sent.url), new Response())), request);
    expect(url).toBe('https://example.com/');
  });

  it('sends a body whole that is finished before the guest waits', async () => {
    const request = outgoing({ method: { tag: 'post' } });
    const written = bodyOf(request, 'request');
    const echo: Fetch = async (sent) => new Response(await sent.text());
    const future = value<FutureIncomingResponse>(handle(echo, request));
    write(written, 'a');
    write(written, 'b');
    expect(finish(written)).toEqual(DONE);
    const response = value<IncomingResponse>(await arrived(future));
    expect(await value<InputStream>(value<IncomingBody>(response.consume()).stream()).blockingRead(9n)).toEqual({
      tag: 'ok',
      val: text('ab'),
    });
  });

  it('streams a body that goes on, with its trailers', async () => {
    const request = outgoing({ method: { tag: 'put' } });
    const written = bodyOf(request, 'request');
    const { promise, resolve } = Promise.withResolvers<Request>();
    const future = value<FutureIncomingResponse>(handle(async (sent) => (resolve(sent), new Response(null)), request));
    const sent = await promise;
    const reader = sent.body!.getReader();
    const first = reader.read();
    write(written, 'one');
    expect((await first).value).toEqual(text('one'));
    finish(written, headers({ 'x-sum': '3' }));
    expect((await reader.read()).done).toBe(true);
    expect((await requestTrailers(sent))!.get('x-sum')).toBe('3');
    await arrived(future);
  });

  it('a body that is dropped unfinished fails the request', async () => {
    const request = outgoing({ method: { tag: 'post' } });
    const written = bodyOf(request, 'request');
    const future = value<FutureIncomingResponse>(handle(async (sent) => new Response(await sent.text()), request));
    write(written, 'half');
    await Promise.resolve();
    written.stream[Symbol.dispose]();
    written.body[Symbol.dispose]();
    expect(await arrived(future)).toMatchObject({ tag: 'err', val: { tag: 'HTTP-protocol-error' } });
  });

  it('there is no response to a body that broke, though `fetch` has one', async () => {
    const request = outgoing({ method: { tag: 'post' } });
    const written = bodyOf(request, 'request');
    const cancelled = vi.fn();
    const answer = async (sent: Request) => {
      await sent.text().catch(() => undefined);
      return new Response(new ReadableStream({ cancel: cancelled }));
    };
    const future = value<FutureIncomingResponse>(handle(answer, request));
    write(written, 'half');
    await Promise.resolve();
    written.stream[Symbol.dispose]();
    written.body[Symbol.dispose]();
    expect(await arrived(future)).toMatchObject({ tag: 'err', val: { tag: 'HTTP-protocol-error' } });
    expect(cancelled).toHaveBeenCalled();
  });

  it('a server that wants no more of a body closes it', async () => {
    const request = outgoing({ method: { tag: 'post' } });
    const written = bodyOf(request, 'request');
    await send(async (sent) => (await sent.body!.cancel(), new Response('enough')), request);
    expect(write(written, 'x')).toEqual(CLOSED);
  });

  it('GET takes an empty body, and a byte of one fails', async () => {
    const empty = outgoing();
    const nothing = bodyOf(empty, 'request');
    const future = value<FutureIncomingResponse>(handle(async () => new Response(), empty));
    expect(finish(nothing)).toEqual(DONE);
    expect(await arrived(future)).toMatchObject({ tag: 'ok' });
    const before = outgoing();
    write(bodyOf(before, 'request'), 'x');
    expect(handle(silent, before)).toMatchObject({ tag: 'err', val: { tag: 'HTTP-request-body-size', val: 1n } });
    const after = outgoing();
    const written = bodyOf(after, 'request');
    handle(silent, after);
    expect(write(written, 'x')).toMatchObject({ tag: 'err', val: { tag: 'last-operation-failed' } });
  });

  it('refuses what makes no request', () => {
    const codes = (parts: Parts) => (handle(silent, outgoing(parts)) as { val: unknown }).val;
    expect(codes({ scheme: { tag: 'other', val: 'ftp' } })).toMatchObject({ tag: 'HTTP-protocol-error' });
    expect(codes({ method: { tag: 'connect' } })).toMatchObject({ tag: 'HTTP-protocol-error' });
    expect(codes({ method: { tag: 'other', val: 'Trace' } })).toMatchObject({ tag: 'HTTP-request-method-invalid' });
    const nowhere = http['[constructor]outgoing-request']!(headers()) as OutgoingRequest;
    expect(handle(silent, nowhere)).toMatchObject({ tag: 'err', val: { tag: 'HTTP-request-URI-invalid' } });
  });

  it('tells what has failed', async () => {
    const fetch: Fetch = () =>
      Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) }));
    expect(await send(fetch, outgoing())).toEqual({ tag: 'err', val: { tag: 'connection-refused', val: undefined } });
  });

  it('dropping the future aborts the request, but not a response that was taken', async () => {
    const signals: AbortSignal[] = [];
    const noting =
      (fetch: Fetch): Fetch =>
      (sent) => {
        signals.push(sent.signal);
        return fetch(sent);
      };
    const dropped = value<FutureIncomingResponse>(handle(noting(silent), outgoing()));
    await Promise.resolve();
    dropped[Symbol.dispose]();
    expect(signals[0]!.aborted).toBe(true);
    const taken = value<FutureIncomingResponse>(
      handle(
        noting(async () => new Response()),
        outgoing(),
      ),
    );
    await arrived(taken);
    taken[Symbol.dispose]();
    expect(signals[1]!.aborted).toBe(false);
  });

  it('a request whose future is dropped at once is not sent', async () => {
    let sent = 0;
    const future = value<FutureIncomingResponse>(handle(async () => ((sent += 1), new Response()), outgoing()));
    const pollable = future.subscribe();
    future[Symbol.dispose]();
    if (!pollable.ready) await new Promise<void>((resolve) => pollable.wait(resolve));
    expect(sent).toBe(0);
  });

  it('a response that comes after its future was dropped is cancelled', async () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    const future = value<FutureIncomingResponse>(handle(() => promise, outgoing()));
    await Promise.resolve();
    const { promise: cancelled, resolve: cancel } = Promise.withResolvers<void>();
    future[Symbol.dispose]();
    resolve(new Response(new ReadableStream({ cancel })));
    await cancelled;
  });

  it('the end of the invocation aborts the request', async () => {
    const controller = new AbortController();
    const future = value<FutureIncomingResponse>(handle(silent, outgoing(), undefined, controller.signal));
    await Promise.resolve();
    controller.abort();
    expect(await arrived(future)).toMatchObject({ tag: 'err', val: { tag: 'connection-terminated' } });
  });

  it('first-byte-timeout aborts a request that has no response in time', async () => {
    const options = http['[constructor]request-options']!();
    expect(http['[method]request-options.set-first-byte-timeout']!(options, 1_000_000n)).toEqual(DONE);
    expect(http['[method]request-options.first-byte-timeout']!(options)).toBe(1_000_000n);
    expect(await send(silent, outgoing(), options)).toMatchObject({ tag: 'err', val: { tag: 'connection-read-timeout' } });
  });

  it('between-bytes-timeout fails a body that stops', async () => {
    const options = http['[constructor]request-options']!();
    http['[method]request-options.set-between-bytes-timeout']!(options, 1_000_000n);
    const stuck = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(text('a')) });
    const response = value<IncomingResponse>(await send(async () => new Response(stuck), outgoing(), options));
    const stream = value<InputStream>(value<IncomingBody>(response.consume()).stream());
    expect(await stream.blockingRead(9n)).toEqual({ tag: 'ok', val: text('a') });
    expect(await stream.blockingRead(9n)).toMatchObject({ tag: 'err', val: { tag: 'last-operation-failed' } });
  });

  it('a response that is dropped unread is cancelled', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const response = value<IncomingResponse>(await send(async () => new Response(new ReadableStream({ cancel: resolve })), outgoing()));
    response[Symbol.dispose]();
    await promise;
  });
});

describe('outgoing-request', () => {
  it('refuses parts that are no parts of a request', () => {
    const request = outgoing();
    expect(http['[method]outgoing-request.set-method']!(request, { tag: 'other', val: 'A B' })).toEqual(ERR);
    expect(http['[method]outgoing-request.set-scheme']!(request, { tag: 'other', val: '1:' })).toEqual(ERR);
    expect(http['[method]outgoing-request.set-authority']!(request, 'a/b')).toEqual(ERR);
    expect(http['[method]outgoing-request.set-path-with-query']!(request, '/a b')).toEqual(ERR);
    expect(http['[method]outgoing-request.method']!(request)).toEqual({ tag: 'get' });
    expect(http['[method]outgoing-request.authority']!(request)).toBe('example.com');
  });

  it('has headers that are not changed any more', () => {
    const own = http['[method]outgoing-request.headers']!(outgoing({ lines: { 'x-a': 'b' } }));
    expect(http['[method]fields.append']!(own, 'x-a', text('c'))).toEqual({ tag: 'err', val: { tag: 'immutable' } });
  });
});
