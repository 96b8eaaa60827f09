import { describe, expect, it } from 'vitest';
import { Trap } from '../../../host/component/trap.ts';
import { Exchange } from '../../../host/component/wasi/http-0.2/exchange.ts';
import type { FutureTrailers } from '../../../host/component/wasi/http-0.2/future-trailers.ts';
import { IncomingBody } from '../../../host/component/wasi/http-0.2/incoming-body.ts';
import type { IncomingRequest } from '../../../host/component/wasi/http-0.2/incoming-message.ts';
import type { IoError } from '../../../host/component/wasi/io/error.ts';
import type { Fields } from '../../../host/component/wasi/http/fields.ts';
import type { InputStream } from '../../../host/component/wasi/io/input-stream.ts';
import type { Pollable } from '../../../host/component/wasi/io/poll.ts';
import { CLOSED, ERR, http, text, value } from './guest.ts';

const IMMUTABLE = { tag: 'err', val: { tag: 'immutable' } };

function incoming(url: string, init?: RequestInit): IncomingRequest {
  return new Exchange(new Request(url, init)).incomingRequest;
}

function bodyOf(chunks: readonly string[]): ReadableStream<Uint8Array<ArrayBuffer>> & { cancelled?: boolean } {
  const rest = [...chunks];
  const stream: ReadableStream<Uint8Array<ArrayBuffer>> & { cancelled?: boolean } = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        const next = rest.shift();
        if (next === undefined) controller.close();
        else controller.enqueue(text(next));
      },
      cancel() {
        stream.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return stream;
}

describe('incoming-request', () => {
  it('has the parts of the request', () => {
    const request = incoming('https://example.com:8443/a/b?c=d', { method: 'POST', headers: { 'x-a': 'b' } });
    expect(http['[method]incoming-request.method']!(request)).toEqual({ tag: 'post' });
    expect(http['[method]incoming-request.path-with-query']!(request)).toBe('/a/b?c=d');
    expect(http['[method]incoming-request.scheme']!(request)).toEqual({ tag: 'HTTPS' });
    expect(http['[method]incoming-request.authority']!(request)).toBe('example.com:8443');
  });

  it('has headers that are not to be changed, and whose clone is', () => {
    const own = http['[method]incoming-request.headers']!(incoming('http://a/', { headers: { 'x-a': 'b' } }));
    expect(http['[method]fields.get']!(own, 'X-A')).toEqual([text('b')]);
    expect(http['[method]fields.set']!(own, 'x-a', [])).toEqual(IMMUTABLE);
    expect(http['[method]fields.delete']!(own, 'x-a')).toEqual(IMMUTABLE);
    const clone = http['[method]fields.clone']!(own);
    expect(http['[method]fields.append']!(clone, 'x-a', text('c'))).toMatchObject({ tag: 'ok' });
    expect(http['[method]fields.entries']!(clone)).toEqual([
      ['x-a', text('b')],
      ['x-a', text('c')],
    ]);
  });

  it('gives its body once, and that its stream once', async () => {
    const request = incoming('http://a/', { method: 'POST', body: 'Hello' });
    const body = value<IncomingBody>(http['[method]incoming-request.consume']!(request));
    expect(http['[method]incoming-request.consume']!(request)).toEqual(ERR);
    const stream = value<InputStream>(http['[method]incoming-body.stream']!(body));
    expect(http['[method]incoming-body.stream']!(body)).toEqual(ERR);
    expect(await stream.blockingRead(100n)).toEqual({ tag: 'ok', val: text('Hello') });
    expect(await stream.blockingRead(100n)).toEqual(CLOSED);
  });

  it('of GET has an empty body', () => {
    const stream = value<InputStream>(value<IncomingBody>(incoming('http://a/').consume()).stream());
    expect(stream.read(1n)).toEqual(CLOSED);
  });
});

describe('incoming-body', () => {
  it('finish traps while the guest has its stream', () => {
    const body = new IncomingBody(() => bodyOf(['a']));
    body.stream();
    expect(() => http['[static]incoming-body.finish']!(body)).toThrow(Trap);
  });

  it('passes over empty chunks', async () => {
    const stream = value<InputStream>(new IncomingBody(() => bodyOf(['', 'a'])).stream());
    expect(await stream.blockingRead(9n)).toEqual({ tag: 'ok', val: text('a') });
  });

  it('what is not read is cancelled with the body, not with its stream', () => {
    const bytes = bodyOf(['a', 'b']);
    const body = new IncomingBody(() => bytes);
    const stream = value<InputStream>(body.stream());
    stream.read(1n);
    stream[Symbol.dispose]();
    expect(bytes.cancelled).toBeUndefined();
    body[Symbol.dispose]();
    expect(bytes.cancelled).toBe(true);
  });

  it('what is not read is cancelled with the trailers, if nobody asks for them', () => {
    const bytes = bodyOf(['a', 'b']);
    new IncomingBody(() => bytes).finish()[Symbol.dispose]();
    expect(bytes.cancelled).toBe(true);
  });

  it('what is not read is read for the trailers', async () => {
    const bytes = bodyOf(['a', 'b']);
    const future = new IncomingBody(() => bytes).finish();
    expect(http['[method]future-trailers.get']!(future)).toBeUndefined();
    await new Promise<void>((resolve) => (http['[method]future-trailers.subscribe']!(future) as Pollable).wait(resolve));
    expect(http['[method]future-trailers.get']!(future)).toEqual({ tag: 'ok', val: { tag: 'ok', val: undefined } });
    expect(bytes.cancelled).toBeUndefined();
  });

  it('tells of an error in the middle, and its trailers too', async () => {
    const failing = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (controller) => controller.error(Object.assign(new Error('reset'), { code: 'ECONNRESET' })),
    });
    const body = new IncomingBody(() => failing);
    const stream = value<InputStream>(body.stream());
    const read = (await stream.blockingRead(1n)) as { val: { tag: string; val: IoError } };
    expect(read.val.tag).toBe('last-operation-failed');
    const code = { tag: 'connection-terminated', val: undefined };
    expect(http['http-error-code']!(read.val.val)).toEqual(code);
    stream[Symbol.dispose]();
    expect(body.finish().get()).toEqual({ tag: 'ok', val: { tag: 'err', val: code } });
  });

  it('gives the trailers of the platform once, when they have come', async () => {
    const { promise, resolve } = Promise.withResolvers<Headers>();
    const body = new IncomingBody(() => bodyOf([]), { trailers: () => promise });
    const stream = value<InputStream>(body.stream());
    await stream.blockingRead(1n);
    stream[Symbol.dispose]();
    const future = http['[static]incoming-body.finish']!(body) as FutureTrailers;
    const pollable = http['[method]future-trailers.subscribe']!(future) as Pollable;
    expect([pollable.ready, http['[method]future-trailers.get']!(future)]).toEqual([false, undefined]);
    const { promise: woken, resolve: wake } = Promise.withResolvers<void>();
    pollable.wait(wake);
    resolve(new Headers({ 'x-sum': '1' }));
    await woken;
    const got = value<{ tag: string; val: Fields }>(http['[method]future-trailers.get']!(future));
    expect(http['[method]fields.get']!(got.val, 'x-sum')).toEqual([text('1')]);
    expect(http['[method]fields.delete']!(got.val, 'x-sum')).toEqual(IMMUTABLE);
    expect(http['[method]future-trailers.get']!(future)).toEqual(ERR);
  });
});

it('http-error-code gives nothing for an error that is none of HTTP', () => {
  expect(http['http-error-code']!({ cause: new Error('disk') })).toBeUndefined();
});
