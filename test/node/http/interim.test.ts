import { once } from 'node:events';
import { connect, type IncomingHttpHeaders } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guest02 } from '../../component/wat-0.2.ts';
import { watComponent } from '../../component/wat-component.ts';
import { openNode } from '../../conformance/harness-node.ts';
import { publish, type TestHost } from '../../conformance/harness.ts';
import { informed } from '../../conformance/information.ts';
import { publishComponent } from '../../conformance/publish-component.ts';
import { exchange } from '../../conformance/raw-exchange.ts';

/** It sends 103 with a link, waits a little, and answers with what the host has said of that: 0 where it is sent. */
const GUEST = guest02(
  `(func $handle (param $request i32) (param $out i32)
    (local $fields i32)
    (local.set $fields (call $fields))
    (call $append (local.get $fields) (i32.const 1024) (i32.const 4) (i32.const 1040) (i32.const 17) (i32.const 0))
    (call $inform (local.get $out) (i32.const 103) (local.get $fields) (i32.const 256))
    (call $block (call $timer (i64.const 20000000)))
    (i32.store8 (i32.const 1100) (i32.add (i32.load8_u (i32.const 256)) (i32.const 48)))
    (call $respond (local.get $out) (i32.const 200) (i32.const 1100) (i32.const 1)))
  (data (i32.const 1024) "link")
  (data (i32.const 1040) "</a>; rel=preload")`,
  {
    imports: `
  (import "wasi:http/types@V" "[method]fields.append" (func $append (param i32 i32 i32 i32 i32 i32)))
  (import "wasi:http/types@V" "[method]response-outparam.send-informational" (func $inform (param i32 i32 i32 i32)))
  (import "wasi:clocks/monotonic-clock@V" "subscribe-duration" (func $timer (param i64) (result i32)))
  (import "wasi:io/poll@V" "[method]pollable.block" (func $block (param i32)))`,
  },
);
const NAVIGATES = { headers: { 'sec-fetch-mode': 'navigate' } };

/** What a component's `send-informational` does in a cell, by the name that code there has for it. */
const SOURCE = `export default {
  async fetch(request) {
    const inform = (status, ...lines) => request[Symbol.for('brink.interim')](status, lines);
    const { pathname } = new URL(request.url);
    if (pathname === '/one') inform(103, 'link', '</a>; rel=preload', 'x-b', '1');
    if (pathname === '/many') for (let at = 0; at < 100; at++) inform(102, 'x-at', String(at));
    if (pathname === '/framing') inform(103, 'content-length', '5', 'transfer-encoding', 'chunked', 'connection', 'close', 'x\\r\\ny', 'z', 'x-a', 'b\\r\\n\\r\\nHTTP/1.1 200', 'X-Upper', 'c', 'x-ok', '1');
    if (pathname === '/twice') inform(103, 'content-type', 'a', 'content-type', 'b');
    if (pathname === '/bad') inform(200, 'x-a', 'b');
    await scheduler.wait(20);
    if (pathname === '/late') scheduler.wait(5).then(() => inform(103, 'x-late', '1'));
    return new Response('done');
  },
}`;

describe('responses before the final one', () => {
  let host: TestHost;
  let url: string;
  let name: string;
  beforeAll(async () => {
    host = await openNode();
    ({ url, name } = await publish(host, SOURCE));
  });
  afterAll(() => host.stop());
  const over2 = async (path: string) => {
    const session = connect(host.url);
    const stream = session.request({ ':path': `/${name}/${path}` });
    const before: IncomingHttpHeaders[] = [];
    stream.on('headers', (lines: IncomingHttpHeaders) => before.push(lines));
    await once(stream.resume(), 'end');
    session.close();
    return before.map((lines) => Object.fromEntries(Object.entries(lines)));
  };

  it('are what a component of WASI 0.2 says', async () => {
    const { url: at } = await publishComponent(host, await watComponent('0.2', GUEST));
    expect(await informed(`${at}/`, NAVIGATES)).toEqual({ status: 200, before: [[103, '</a>; rel=preload']], text: '0' });
    expect(await informed(`${at}/`)).toEqual({ status: 200, before: [], text: '0' });
  });

  it('go to clients that take them for what they are', async () => {
    expect((await informed(`${url}one`, NAVIGATES)).before).toEqual([[103, '</a>; rel=preload', '1']]);
    expect((await informed(`${url}one`)).before).toEqual([]);
    expect(await over2('one')).toEqual([{ ':status': 103, link: '</a>; rel=preload', 'x-b': '1' }]);
    const { answers } = await exchange(url, `GET /${name}/one HTTP/1.0\r\nHost: a\r\nSec-Fetch-Mode: navigate\r\n\r\n`);
    expect(answers.map(({ status }) => status)).not.toContain(103);
  });

  it('are so many at most', async () => {
    expect((await informed(`${url}many`, NAVIGATES)).before).toHaveLength(32);
  });

  it('say nothing of the connection, and hold no end of a line', async () => {
    expect((await informed(`${url}framing`, NAVIGATES)).before).toEqual([[103, '1']]);
    expect(await over2('framing')).toEqual([{ ':status': 103, 'x-ok': '1' }]);
  });

  it('are left out where Node does not write them', async () => {
    expect(await over2('twice')).toEqual([]);
    expect(await informed(`${url}late`, NAVIGATES)).toMatchObject({ before: [], text: 'done' });
  });

  it('end the cell where they are none', async () => {
    expect((await informed(`${url}bad`, NAVIGATES)).status).toBe(502);
    expect((await informed(`${url}one`, NAVIGATES)).text).toBe('done');
  });
});
