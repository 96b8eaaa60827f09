import { describe, expect, it } from 'vitest';
import { ErrorCodeAnswer } from '../../../host/component/wasi/http-0.3/error-code-answer.ts';
import { takeReply, toWasiRequest, type AnswerOptions, type HandleResult } from '../../../host/component/wasi/http-0.3/exchange.ts';
import { FakeStream, valueOf } from '../wasi/fake-world.ts';
import { collect, FakeFuture, http, newResponse, nextOf, OK } from './guest.ts';

const GET: AnswerOptions = { method: 'GET' };

function streamOf(...chunks: string[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk === undefined) controller.close();
      else controller.enqueue(new TextEncoder().encode(chunk));
    },
  });
}

function post(body: BodyInit | null, url = 'http://host:8080/a%2Fb?q=1#x'): Request {
  return new Request(url, { method: 'POST', body, headers: { 'x-a': '1' }, duplex: 'half' } as RequestInit);
}

const consume = (request: unknown) => http['[static]request.consume-body']!(request, new FakeFuture()) as [object, unknown];
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

async function refusal(answer: () => unknown): Promise<ErrorCodeAnswer> {
  try {
    await answer();
  } catch (error) {
    if (error instanceof ErrorCodeAnswer) return error;
    throw error;
  }
  throw new Error('There was an answer.');
}

function toWebResponse(result: HandleResult, options: AnswerOptions): Response | Promise<Response> {
  return takeReply(result, options)();
}

describe('toWasiRequest()', () => {
  it('has the parts of the request', () => {
    const request = toWasiRequest(post(null));
    expect(request.method).toEqual({ tag: 'post' });
    expect(request.scheme).toEqual({ tag: 'HTTP' });
    expect(request.authority).toBe('host:8080');
    expect(request.pathWithQuery).toBe('/a%2Fb?q=1');
    expect(http['[method]fields.get']!(request.headers, 'X-A')).toEqual([new Uint8Array([49])]);
    expect(http['[method]fields.append']!(request.headers, 'x', new Uint8Array(1))).toMatchObject({
      tag: 'err',
      val: { tag: 'immutable' },
    });
  });

  it('gives the body, and then what comes after it', async () => {
    const [stream, trailers] = consume(toWasiRequest(post(streamOf('one', 'two'))));
    expect(await nextOf(stream)).toBe('one');
    expect(valueOf(trailers)).toBe('pending');
    expect(await nextOf(stream)).toBe('two');
    expect(await nextOf(stream)).toBe(null);
    expect(await nextOf(stream)).toBe(null);
    expect(valueOf(trailers)).toEqual(OK);
  });

  it.each([post(null), new Request('http://host/')])('has an empty body where there is none', async (request) => {
    const [stream, trailers] = consume(toWasiRequest(request));
    expect(await collect(stream)).toBe('');
    expect(valueOf(trailers)).toEqual(OK);
  });

  it('never touches the body of a GET', async () => {
    const request = new Request('http://host/');
    Object.defineProperty(request, 'body', {
      get: () => {
        throw new Error('touched');
      },
    });
    expect(await collect(consume(toWasiRequest(request))[0])).toBe('');
  });

  it('tells why a body broke off', async () => {
    const broken = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(Object.assign(new Error('reset'), { code: 'ECONNRESET' })),
    });
    const [stream, trailers] = consume(toWasiRequest(post(broken)));
    expect(await collect(stream)).toBe('');
    expect(valueOf(trailers)).toMatchObject({ tag: 'err', val: { tag: 'connection-terminated' } });
  });

  it('a body that the guest drops is cancelled, once', async () => {
    let cancelled = 0;
    const request = toWasiRequest(post(new ReadableStream({ cancel: () => void (cancelled += 1) })));
    const [stream, trailers] = consume(request);
    (stream as { cancel(): void }).cancel();
    await turn();
    request[Symbol.dispose]();
    await turn();
    expect(cancelled).toBe(1);
    expect(valueOf(trailers)).toEqual(OK);
  });
});

describe('a reply', () => {
  it('of a response without contents is there at once', () => {
    const { result, sent } = newResponse({ headers: { 'x-a': '1' } }, 201);
    const response = toWebResponse(result, GET) as Response;
    expect(response).toBeInstanceOf(Response);
    expect([response.status, response.headers.get('x-a'), response.body]).toEqual([201, '1', null]);
    expect(sent()).toEqual(OK);
  });

  it('of a body that is there at once is there at once, and whole', async () => {
    const contents = new FakeStream('a', 'b', null);
    const { result, sent } = newResponse({ contents, headers: { 'content-length': '2' } });
    const response = toWebResponse(result, GET);
    expect(response).toBeInstanceOf(Response);
    expect(sent()).toEqual(OK);
    expect(await (response as Response).text()).toBe('ab');
  });

  it('waits a few turns for a guest that writes its body after it has returned', async () => {
    const contents = new FakeStream();
    const { result, sent } = newResponse({ contents });
    const steps: (() => void)[] = [];
    const answered = toWebResponse(result, { ...GET, settle: (step) => steps.push(step) }) as Promise<Response>;
    steps.shift()!();
    contents.write('late');
    expect(steps.length).toBe(1);
    contents.write(null);
    steps.shift()!();
    const response = await answered;
    expect(sent()).toEqual(OK);
    expect(await response.text()).toBe('late');
  });

  it('takes the last of those turns in another way, where there is one', async () => {
    const contents = new FakeStream();
    const { result } = newResponse({ contents });
    const last: (() => void)[] = [];
    const answered = toWebResponse(result, { ...GET, settleLast: (step) => last.push(step) }) as Promise<Response>;
    await turn();
    expect(last.length).toBe(1);
    contents.write('late');
    contents.write(null);
    last[0]!();
    expect(await (await answered).text()).toBe('late');
    expect(last.length).toBe(1);
  });

  it('does not wait for ever: the rest is a stream, that reads when it is read', async () => {
    const contents = new FakeStream();
    const { result, sent } = newResponse({ contents });
    const answered = toWebResponse(result, GET);
    contents.write('first');
    const response = await answered;
    const reader = response.body!.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('first');
    const { reads } = contents;
    await turn();
    expect(contents.reads).toBe(reads);
    const second = reader.read();
    contents.write('second');
    expect(new TextDecoder().decode((await second).value)).toBe('second');
    await turn();
    const unread = contents.reads;
    contents.write('third');
    await turn();
    expect(contents.reads).toBe(unread);
    expect(sent()).toBe('pending');
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('third');
    contents.write(null);
    expect((await reader.read()).done).toBe(true);
    expect(sent()).toEqual(OK);
  });

  it('of a large body stops reading at 64 KiB until it is read', async () => {
    const chunk = 'x'.repeat(30_000);
    const contents = new FakeStream(...Array.from({ length: 10 }, () => chunk), null);
    const { result } = newResponse({ contents });
    const response = await toWebResponse(result, GET);
    expect(contents.reads).toBe(3);
    expect((await response.arrayBuffer()).byteLength).toBe(300_000);
  });

  it('passes an incoming body on as it is, if nobody has read it', async () => {
    const body = streamOf('as it came');
    const incoming = post(body);
    const [stream] = consume(toWasiRequest(incoming));
    const { result, sent } = newResponse({ contents: stream as FakeStream });
    const response = toWebResponse(result, GET) as Response;
    expect(response.body).toBe(incoming.body);
    expect(sent()).toEqual(OK);
    expect(await response.text()).toBe('as it came');
  });

  it('passes on the rest of an incoming body', async () => {
    const [stream] = consume(toWasiRequest(post(streamOf('one', 'two', 'three'))));
    await nextOf(stream);
    const response = await toWebResponse(newResponse({ contents: stream as FakeStream }).result, GET);
    expect(await response.text()).toBe('twothree');
  });

  it('a client that goes away ends the guest’s stream', async () => {
    const contents = new FakeStream();
    const { result, sent } = newResponse({ contents });
    const response = await toWebResponse(result, GET);
    await response.body!.cancel();
    expect(contents.cancelled).toBe(true);
    expect(sent()).toEqual({ tag: 'err', val: { tag: 'connection-terminated' } });
  });

  it.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 205],
    ['GET', 304],
  ])('%s with %i has no body', (method, status) => {
    const contents = new FakeStream('body');
    const { result, sent } = newResponse({ contents, headers: { 'content-length': '9' } }, status);
    const response = toWebResponse(result, { method }) as Response;
    expect([response.status, response.body, response.headers.get('content-length')]).toEqual([status, null, '9']);
    expect(contents.cancelled).toBe(true);
    expect(sent()).toEqual(OK);
  });

  it('keeps each Set-Cookie', () => {
    const headers = http['[constructor]fields']!();
    for (const value of ['a=1', 'b=2']) http['[method]fields.append']!(headers, 'set-cookie', new TextEncoder().encode(value));
    const [made] = http['[static]response.new']!(headers, undefined, new FakeFuture()) as [never];
    const response = toWebResponse({ tag: 'ok', val: made }, GET) as Response;
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it('of an error is an ErrorCodeAnswer', async () => {
    const error = await refusal(() => toWebResponse({ tag: 'err', val: { tag: 'internal-error', val: 'no luck' } }, GET));
    expect(error.code).toEqual({ tag: 'internal-error', val: 'no luck' });
    expect(error.message).toContain('no luck');
  });

  it('refuses an informational status as the last one', async () => {
    const { result, sent } = newResponse({ contents: new FakeStream('x') }, 103);
    expect((await refusal(() => toWebResponse(result, GET))).code.tag).toBe('HTTP-protocol-error');
    expect(sent()).toMatchObject({ tag: 'err' });
  });

  it.each([
    ['short', '6', 5n],
    ['longer', '3', 6n],
  ])('refuses %j where content-length is %s', async (text, length, sentBytes) => {
    const { result, sent } = newResponse({ contents: new FakeStream(text, null), headers: { 'content-length': length } });
    const { code } = await refusal(() => toWebResponse(result, GET));
    expect(code).toEqual({ tag: 'HTTP-response-body-size', val: sentBytes });
    expect(sent()).toEqual({ tag: 'err', val: code });
  });

  it('breaks off a stream that turns out too short', async () => {
    const contents = new FakeStream();
    const { result, sent } = newResponse({ contents, headers: { 'content-length': '10' } });
    const response = await toWebResponse(result, GET);
    contents.write('12345');
    contents.write(null);
    await expect(response.text()).rejects.toThrow('HTTP-response-body-size');
    expect(sent()).toMatchObject({ tag: 'err' });
  });

  it('waits for the trailers, and breaks off where they are an error', async () => {
    const trailers = new FakeFuture();
    const { result, sent } = newResponse({ contents: new FakeStream('body', null), trailers });
    const response = await toWebResponse(result, GET);
    const text = response.text();
    expect(sent()).toBe('pending');
    trailers.resolve({ tag: 'err', val: { tag: 'configuration-error' } });
    await expect(text).rejects.toThrow('configuration-error');
    expect(sent()).toEqual({ tag: 'err', val: { tag: 'configuration-error' } });
  });

  it('breaks off when the instance ends', async () => {
    let abandon: (error: unknown) => void = () => undefined;
    const { result } = newResponse({ contents: new FakeStream('part') });
    const response = await toWebResponse(result, { ...GET, onAbandon: (call) => (abandon = call) });
    const reader = response.body!.getReader();
    await reader.read();
    const rest = reader.read();
    abandon(new Error('unreachable'));
    await expect(rest).rejects.toThrow('unreachable');
  });
});
