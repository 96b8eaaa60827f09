import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { plainRequests } from '../../host/platforms/node/plain-request.ts';

const plainRequest = plainRequests('http');

describe('plainRequests()', () => {
  it.each(['/', '/fn/', '/fn/a.b/c?x=1&y=/z', "/fn/?q='", '//fn', '/fn@live/a:b;c,d!$~'])(
    'takes %s, whose URL a parser would leave as it is',
    (url) => {
      const request = plainRequest(...message({ url }))!;
      expect(request.url).toBe(`http://127.0.0.1:8787${url}`);
      expect(request.method).toBe('GET');
    },
  );

  it.each([
    '/a/../b',
    '/a/./b',
    '/..',
    '/.well-known/x',
    '/a/%2e%2e/b',
    '/a b',
    '/a\\b',
    '/é',
    '/a#b',
    '*',
    '',
    'http://x/',
    '/_brink',
    '/_brink/functions',
  ])('leaves the target %s to the parser, or the admin API', (url) => {
    expect(plainRequest(...message({ url }))).toBeUndefined();
  });

  it.each(['EXAMPLE.com', 'example.com:80', 'example.com:080', '[::1]', 'a b', 'user@host', ''])(
    'leaves the host %s to the parser',
    (host) => {
      expect(plainRequest(...message({ host }))).toBeUndefined();
    },
  );

  it.each([{ 'content-length': '3' }, { 'transfer-encoding': 'chunked' }])('leaves one with a body, %j, to the listener', (headers) => {
    expect(plainRequest(...message({ headers }))).toBeUndefined();
  });

  it('is a whole Request where someone asks for more', async () => {
    const request = plainRequest(...message({ headers: { 'X-Own': 'a' } }))!;
    expect(request).toBeInstanceOf(Request);
    expect(request.headers.get('x-own')).toBe('a');
    expect([request.body, request.redirect, await request.text()]).toEqual([null, 'manual', '']);
  });

  it('aborts its signal when the client goes before the response is out, whenever it is asked for', () => {
    const early = message({});
    const { signal } = plainRequest(...early)!;
    early[1].emit('close');
    expect(signal.aborted).toBe(true);
    const late = message({});
    const request = plainRequest(...late)!;
    Object.assign(late[1], { closed: true });
    expect(request.signal.aborted).toBe(true);
    const answered = message({});
    const kept = plainRequest(...answered)!.signal;
    Object.assign(answered[1], { writableFinished: true }).emit('close');
    expect(kept.aborted).toBe(false);
  });
});

interface Given {
  readonly url?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function message({ url = '/fn/', host = '127.0.0.1:8787', headers = {} }: Given): [IncomingMessage, ServerResponse] {
  const all: Record<string, string> = { Host: host, ...headers };
  const incoming = {
    method: 'GET',
    url,
    httpVersionMajor: 1,
    headers: Object.fromEntries(Object.entries(all).map(([name, value]) => [name.toLowerCase(), value])),
    rawHeaders: Object.entries(all).flat(),
  };
  const outgoing = Object.assign(new EventEmitter(), { writableFinished: false, closed: false });
  return [incoming as unknown as IncomingMessage, outgoing as unknown as ServerResponse];
}
