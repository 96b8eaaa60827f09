import { describe, expect, it } from 'vitest';
import { Trap } from '../../../host/component/trap.ts';
import { setInterim } from '../../../host/component/interim.ts';
import { Exchange } from '../../../host/component/wasi/http-0.2/exchange.ts';
import type { OutgoingResponse } from '../../../host/component/wasi/http-0.2/outgoing-message.ts';
import type { IoError } from '../../../host/component/wasi/io/error.ts';
import { bodyOf, CLOSED, DONE, ERR, finish, headers, http, text, value, write, type Written } from './guest.ts';

const KIB = 1024;

interface Answering extends Written {
  readonly exchange: Exchange;
  readonly outgoing: OutgoingResponse;
  set(): void;
}

function answering({ method = 'GET', status = 200, lines = {} as Record<string, string> } = {}): Answering {
  const exchange = new Exchange(new Request('http://example.com/', { method }));
  const outgoing = http['[constructor]outgoing-response']!(headers(lines)) as OutgoingResponse;
  http['[method]outgoing-response.set-status-code']!(outgoing, status);
  return {
    exchange,
    outgoing,
    ...bodyOf(outgoing, 'response'),
    set: () => void http['[static]response-outparam.set']!(exchange.outparam, { tag: 'ok', val: outgoing }),
  };
}

/** Whether the response is there, once all that is due has run. */
async function isSent({ response }: Exchange): Promise<boolean> {
  if (!(response instanceof Promise)) return true;
  let sent = false;
  void response.then(() => (sent = true));
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  return sent;
}

describe('a response', () => {
  it('is held until its body ends, and is one chunk then', async () => {
    const answer = answering({ status: 201, lines: { 'x-a': 'b' } });
    answer.set();
    write(answer, 'Hello, ');
    expect(await isSent(answer.exchange)).toBe(false);
    write(answer, 'world!');
    expect(finish(answer)).toEqual(DONE);
    const response = await answer.exchange.response;
    expect(response.status).toBe(201);
    expect([...response.headers]).toEqual([['x-a', 'b']]);
    const reader = response.body!.getReader();
    expect((await reader.read()).value).toEqual(text('Hello, world!'));
    expect((await reader.read()).done).toBe(true);
  });

  it('may be written before it is set', async () => {
    const answer = answering();
    write(answer, 'early');
    finish(answer);
    answer.set();
    expect(await (await answer.exchange.response).text()).toBe('early');
  });

  it('may be written before it is set, however large it is', async () => {
    const answer = answering();
    for (let part = 0; part < 4; part += 1) expect(answer.stream.blockingWriteAndFlush(new Uint8Array(4096).fill(part))).toEqual(DONE);
    expect(write(answer, new Uint8Array(256 * KIB))).toEqual(DONE);
    answer.set();
    const response = await answer.exchange.response;
    expect(answer.stream.checkWrite()).toEqual({ tag: 'ok', val: 0n });
    finish(answer);
    expect(await response.bytes()).toHaveLength((4 * 4 + 256) * KIB);
  });

  it('goes out as a stream when the guest waits', async () => {
    const answer = answering();
    answer.set();
    write(answer, 'one');
    answer.exchange.suspended();
    const reader = (await answer.exchange.response).body!.getReader();
    expect((await reader.read()).value).toEqual(text('one'));
    const second = reader.read();
    write(answer, 'two');
    expect((await second).value).toEqual(text('two'));
    finish(answer);
    expect((await reader.read()).done).toBe(true);
  });

  it('goes out as a stream when 64 KiB are there, and lets the guest write on when they are read', async () => {
    const answer = answering();
    answer.set();
    expect(answer.stream.checkWrite()).toEqual({ tag: 'ok', val: BigInt(64 * KIB) });
    answer.stream.write(new Uint8Array(64 * KIB));
    const response = await answer.exchange.response;
    expect(answer.stream.checkWrite()).toEqual({ tag: 'ok', val: 0n });
    const waiting = answer.stream.blockingWriteAndFlush(text('more'));
    const reader = response.body!.getReader();
    expect((await reader.read()).value).toHaveLength(64 * KIB);
    expect(await waiting).toEqual(DONE);
    finish(answer);
    expect((await reader.read()).value).toEqual(text('more'));
    expect((await reader.read()).done).toBe(true);
  });

  it('without a body is sent when it is set', async () => {
    const exchange = new Exchange(new Request('http://example.com/'));
    const outgoing = http['[constructor]outgoing-response']!(headers());
    http['[static]response-outparam.set']!(exchange.outparam, { tag: 'ok', val: outgoing });
    expect((await exchange.response).body).toBe(null);
  });

  it.each([
    { method: 'HEAD', status: 200 },
    { method: 'GET', status: 204 },
    { method: 'GET', status: 205 },
    { method: 'GET', status: 304 },
  ])('to $method with the status $status has no body, whatever the guest writes', async (options) => {
    const answer = answering({ ...options, lines: { 'content-length': '5' } });
    answer.set();
    expect(write(answer, 'ignored')).toEqual(DONE);
    expect(finish(answer)).toEqual(DONE);
    const response = await answer.exchange.response;
    expect(response.status).toBe(options.status);
    expect(response.headers.get('content-length')).toBe('5');
    expect(response.body).toBe(null);
  });

  it('that is an error code rejects with it', async () => {
    const { exchange } = answering();
    http['[static]response-outparam.set']!(exchange.outparam, { tag: 'err', val: { tag: 'HTTP-response-timeout' } });
    await expect(exchange.response).rejects.toMatchObject({ name: 'ErrorCodeAnswer', code: { tag: 'HTTP-response-timeout' } });
  });
});

describe('the end of a guest', () => {
  it('without a response rejects', async () => {
    const { exchange } = answering();
    exchange.finished();
    await expect(exchange.response).rejects.toThrow('returned without a response');
  });

  it('ends a body that it has not finished', async () => {
    const answer = answering();
    answer.set();
    write(answer, 'as far as this');
    answer.exchange.finished();
    expect(await (await answer.exchange.response).text()).toBe('as far as this');
  });

  it('fails a body whose content-length promised more', async () => {
    const answer = answering({ lines: { 'content-length': '10' } });
    answer.set();
    write(answer, 'short');
    answer.exchange.suspended();
    const response = await answer.exchange.response;
    answer.exchange.finished();
    await expect(response.text()).rejects.toMatchObject({ code: { tag: 'HTTP-response-body-size', val: 5n } });
  });

  it('with an error rejects what has not been sent', async () => {
    const answer = answering();
    answer.set();
    write(answer, 'x');
    const trap = new Trap('unreachable');
    answer.exchange.failed(trap);
    await expect(answer.exchange.response).rejects.toBe(trap);
    const unset = answering();
    unset.exchange.failed(trap);
    unset.exchange.finished();
    await expect(unset.exchange.response).rejects.toBe(trap);
  });

  it('with an error fails the stream of what has been sent', async () => {
    const answer = answering();
    answer.set();
    answer.exchange.suspended();
    const body = (await answer.exchange.response).text();
    answer.exchange.failed(new Trap('unreachable'));
    await expect(body).rejects.toThrow('unreachable');
  });
});

describe('outgoing-body', () => {
  it('is given once, and its stream too', () => {
    const { outgoing, body } = answering();
    expect(http['[method]outgoing-response.body']!(outgoing)).toEqual(ERR);
    expect(http['[method]outgoing-body.write']!(body)).toEqual(ERR);
  });

  it('finish traps while the guest has its stream', () => {
    const { body } = answering();
    expect(() => http['[static]outgoing-body.finish']!(body, undefined)).toThrow(Trap);
  });

  it('finish tells of a body that is shorter than its content-length', async () => {
    const answer = answering({ lines: { 'content-length': '3' } });
    answer.set();
    write(answer, 'ab');
    expect(finish(answer)).toEqual({ tag: 'err', val: { tag: 'HTTP-response-body-size', val: 2n } });
    await expect(answer.exchange.response).rejects.toMatchObject({ code: { tag: 'HTTP-response-body-size' } });
  });

  it('a write beyond its content-length fails, with the code of HTTP', () => {
    const answer = answering({ lines: { 'content-length': '3' } });
    const written = write(answer, 'abcd') as { val: { tag: string; val: IoError } };
    expect(written.val.tag).toBe('last-operation-failed');
    expect(http['http-error-code']!(written.val.val)).toEqual({ tag: 'HTTP-response-body-size', val: 4n });
    expect(write(answer, 'e')).toEqual(CLOSED);
  });

  it('with the content-length that it has goes out', async () => {
    const answer = answering({ lines: { 'content-length': '3' } });
    answer.set();
    write(answer, 'abc');
    expect(finish(answer)).toEqual(DONE);
    expect(await (await answer.exchange.response).text()).toBe('abc');
  });

  it('that is dropped unfinished is not taken for whole', async () => {
    const answer = answering();
    answer.set();
    write(answer, 'half');
    answer.exchange.suspended();
    const response = await answer.exchange.response;
    answer.stream[Symbol.dispose]();
    answer.body[Symbol.dispose]();
    await expect(response.text()).rejects.toMatchObject({ code: { tag: 'HTTP-protocol-error' } });
  });

  it('is closed when its reader has gone', async () => {
    const answer = answering();
    answer.set();
    answer.exchange.suspended();
    const { body } = await answer.exchange.response;
    write(answer, new Uint8Array(64 * KIB));
    const waiting = answer.stream.blockingWriteAndFlush(text('more'));
    await body!.cancel();
    expect(await waiting).toEqual(CLOSED);
    expect(write(answer, 'x')).toEqual(CLOSED);
    expect(finish(answer)).toEqual(DONE);
  });

  it('comes through whole, in whatever pieces it is written and read', async () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      let state = seed;
      const random = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below;
      const answer = answering();
      const sent = Uint8Array.from({ length: random(200_000) }, () => random(256));
      answer.set();
      const reading = Promise.resolve(answer.exchange.response).then((response) => response.bytes());
      for (let at = 0; at < sent.length;) {
        const permit = Number(value<bigint>(answer.stream.checkWrite()));
        if (permit === 0) {
          answer.exchange.suspended();
          await answer.stream.blockingWriteAndFlush(sent.slice(at, (at += Math.min(4096, sent.length - at))));
          continue;
        }
        const part = sent.slice(at, at + Math.min(permit, 1 + random(50_000)));
        answer.stream.write(part);
        at += part.length;
        if (random(5) === 0) answer.exchange.suspended();
        if (random(3) === 0) await Promise.resolve();
      }
      finish(answer);
      answer.exchange.finished();
      expect(Buffer.compare(await reading, sent)).toBe(0);
    }
  });
});

describe('response-outparam and outgoing-response', () => {
  it('take status codes of 100 to 599', () => {
    const { outgoing } = answering();
    for (const status of [0, 99, 600, 65_535]) expect(http['[method]outgoing-response.set-status-code']!(outgoing, status)).toEqual(ERR);
    expect(http['[method]outgoing-response.set-status-code']!(outgoing, 418)).toEqual(DONE);
    expect(http['[method]outgoing-response.status-code']!(outgoing)).toBe(418);
  });

  it('send no response that is not final', async () => {
    const answer = answering({ status: 103 });
    answer.set();
    await expect(answer.exchange.response).rejects.toMatchObject({ code: { tag: 'HTTP-protocol-error' } });
    expect(write(answer, 'x')).toMatchObject({ tag: 'err', val: { tag: 'last-operation-failed' } });
  });

  it('send no response without the body that its headers promise', async () => {
    const exchange = new Exchange(new Request('http://example.com/'));
    const outgoing = http['[constructor]outgoing-response']!(headers({ 'content-length': '5' }));
    http['[static]response-outparam.set']!(exchange.outparam, { tag: 'ok', val: outgoing });
    await expect(exchange.response).rejects.toMatchObject({ code: { tag: 'HTTP-response-body-size', val: 0n } });
  });

  it('has informational ones before it where the platform sends them', () => {
    const seen: unknown[] = [];
    class Platform extends Request {}
    setInterim(Platform.prototype, (request, status, lines) => seen.push([(request as Request).url, status, lines]));
    const { outparam } = new Exchange(new Platform('http://example.com/'));
    const send = (status: number, lines: Record<string, string> = {}) =>
      http['[method]response-outparam.send-informational']!(outparam, status, headers(lines));
    expect(send(103, { Link: '</a>; rel=preload' })).toEqual({ tag: 'ok', val: undefined });
    expect(seen).toEqual([['http://example.com/', 103, ['link', '</a>; rel=preload']]]);
    for (const status of [99, 100, 101, 200, 65_535]) expect(send(status)).toEqual({ tag: 'err', val: { tag: 'HTTP-protocol-error' } });
    expect(send(102, { a: 'b'.repeat(20_000) })).toEqual({ tag: 'err', val: { tag: 'HTTP-response-header-section-size', val: 16_384 } });
    for (let count = 1; count < 16; count++) expect(send(102)).toMatchObject({ tag: 'ok' });
    expect(send(102)).toMatchObject({ tag: 'err', val: { tag: 'internal-error' } });
    expect(seen).toHaveLength(16);
  });

  it('has none where the platform does not', () => {
    const { exchange } = answering();
    const send = (status: number) => http['[method]response-outparam.send-informational']!(exchange.outparam, status, headers());
    expect(send(103)).toMatchObject({ tag: 'err', val: { tag: 'internal-error' } });
    expect(send(200)).toMatchObject({ tag: 'err', val: { tag: 'HTTP-protocol-error' } });
  });

  it('have headers that are not changed any more', () => {
    const { outgoing } = answering({ lines: { 'x-a': 'b' } });
    const own = http['[method]outgoing-response.headers']!(outgoing);
    expect(http['[method]fields.append']!(own, 'x-a', text('c'))).toEqual({ tag: 'err', val: { tag: 'immutable' } });
  });
});
