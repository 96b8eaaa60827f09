import { once } from 'node:events';
import { connect, type ClientHttp2Session, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNode } from '../../conformance/harness-node.ts';
import { publish, type TestHost } from '../../conformance/harness.ts';
import { informed } from '../../conformance/information.ts';
import { exchange, parse } from '../../conformance/raw-exchange.ts';

const STYLE = '</style.css>; rel=preload; as=style';
const FONTS = '<https://fonts.example.com>; rel=preconnect';
const FUNCTION = `
let go = Promise.withResolvers();
export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const headers = [['link', '${STYLE}'], ['link', '${FONTS}']];
    switch (pathname) {
      case '/waits': if (!request.headers.has('x-go')) await go.promise; return new Response('late', { headers });
      case '/go': go.resolve(); go = Promise.withResolvers(); return new Response('went');
        case '/fails': throw new Error('It fails.');
      case '/many': return new Response('many', { headers: { link: Array.from({ length: Number(searchParams.get('n')) }, (_, at) => '</' + at + '/' + 'a'.repeat(80) + '>; rel=preload').join(',') } });
      case '/raw': return new Response('raw', { headers: { link: decodeURIComponent(searchParams.get('link')) } });
      default: return new Response('page', { headers });
    }
  },
}`;

describe('early hints on Node', () => {
  let host: TestHost;
  let url: string;
  let name: string;
  let session: ClientHttp2Session;
  let authority: string;
  beforeAll(async () => {
    host = await openNode();
    ({ url, name } = await publish(host, FUNCTION, { manifest: { scaling: { max_cells: 1 }, gateway: [{ early_hints: true }] } }));
    authority = new URL(url).host;
    session = connect(host.url);
  });
  afterAll(async () => {
    session.close();
    await host.stop();
  });
  const navigate = (path: string, first?: () => void) =>
    informed(url + path, { headers: { 'sec-fetch-mode': 'navigate' }, ...(first && { first }) });
  const head = (path: string, lines = 'Sec-Fetch-Mode: navigate\r\n') =>
    `GET /${name}/${path} HTTP/1.1\r\nHost: ${authority}\r\n${lines}\r\n`;
  async function over2(path: string, headers: OutgoingHttpHeaders = {}) {
    const stream = session.request({ ':path': `/${name}/${path}`, ...headers });
    const before: unknown[] = [];
    stream.on('headers', (lines: IncomingHttpHeaders) => before.push([lines[':status'], lines.link]));
    const [{ ':status': status }] = (await once(stream, 'response')) as [IncomingHttpHeaders];
    let text = '';
    for await (const chunk of stream.setEncoding('utf8')) text += chunk as string;
    return { status, before, text };
  }

  it('are there before the function has answered', async () => {
    const letGo = () => void fetch(`${url}go`);
    await informed(`${url}waits`, { headers: { 'x-go': '1' } });
    expect(await navigate('waits', letGo)).toEqual({ status: 200, before: [[103, STYLE, FONTS]], text: 'late' });
  });

  it('go to a client of HTTP/2, whether it says that it navigates or says nothing', async () => {
    const path = 'two';
    expect(await over2(path)).toEqual({ status: 200, before: [], text: 'page' });
    const hinted = { status: 200, before: [[103, [STYLE, FONTS].join(', ')]], text: 'page' };
    expect(await over2(path)).toEqual(hinted);
    expect(await over2(path, { 'sec-fetch-mode': 'navigate' })).toEqual(hinted);
    expect((await over2(path, { 'sec-fetch-mode': 'no-cors' })).before).toEqual([]);
    expect((await over2(path, { ':method': 'HEAD' })).before).toEqual([]);
  });

  it('come before an error of the host too', async () => {
    const fn = await publish(host, FUNCTION, { manifest: { gateway: [{ early_hints: { links: [STYLE] } }] } });
    expect(await informed(`${fn.url}fails`, { headers: { 'sec-fetch-mode': 'navigate' } })).toMatchObject({
      status: 500,
      before: [[103, STYLE]],
    });
  });

  it('stand before their own response, where requests are sent one behind the other', async () => {
    await navigate('piped');
    const { answers } = await exchange(url, head('piped') + head('piped', '') + head('piped'));
    expect(answers.map(({ status, body }) => [status, body])).toEqual([
      [103, ''],
      [200, 'page'],
      [200, 'page'],
      [103, ''],
      [200, 'page'],
    ]);
  });

  it('do not trouble a host whose client has gone', async () => {
    await navigate('gone');
    for (let turn = 0; turn < 20; turn++) {
      const { hostname, port } = new URL(url);
      const socket = connectTcp({ host: hostname, port: Number(port) });
      await once(socket, 'connect');
      socket.write(head('gone'));
      if (turn % 2 === 0) socket.resetAndDestroy();
      else socket.destroy();
      const stream = session.request({ ':path': `/${name}/gone` });
      stream.on('error', () => {});
      stream.close(8);
    }
    expect(await navigate('gone')).toMatchObject({ status: 200, before: [[103, STYLE, FONTS]] });
    expect((await over2('gone')).before).toHaveLength(1);
  });

  it('are as many as a head may have, however many a response has', async () => {
    await navigate('many?n=100');
    const [first] = (await navigate('many?n=100')).before;
    expect(first).toHaveLength(1 + 32);
    const twice = async () =>
      (await exchange(url, head('many?n=1100'))).answers.map(({ status, headers }) => [status, headers.get('link')!.length]);
    expect([await twice(), await twice()]).toEqual([[[200, 111_089]], [[200, 111_089]]]);
  });

  it('hold nothing that would end their line', async () => {
    for (const value of ['</a>; rel=preload; title="\u0001"', '</\u00e9>; rel=preload', '</a>; rel=preload; title="\u007f"']) {
      const path = `raw?link=${encodeURIComponent(encodeURIComponent(value))}`;
      const seen = [await navigate(path), await navigate(path)];
      expect(seen.flatMap(({ before }) => before)).toEqual([]);
    }
    const crossed = await navigate(`raw?link=${encodeURIComponent(encodeURIComponent('</a>; rel=preload\r\nx-evil: 1'))}`);
    expect(crossed).toMatchObject({ status: 500, before: [] });
  });

  it('do not come with what asks for a WebSocket', async () => {
    await navigate('socket');
    const upgrade =
      'Sec-Fetch-Mode: navigate\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
    const { answers } = await exchange(url, head('socket', upgrade));
    expect(answers.map(({ status }) => status)).toEqual([200]);
  });

  it('are lines as any other', async () => {
    await navigate('lines');
    const socket = connectTcp({ host: new URL(url).hostname, port: Number(new URL(url).port) });
    socket.write(head('lines', 'Sec-Fetch-Mode: navigate\r\nConnection: close\r\n'));
    let text = '';
    for await (const chunk of socket.setEncoding('latin1')) text += chunk as string;
    expect(text).toContain(`HTTP/1.1 103 Early Hints\r\nlink: ${STYLE}\r\nlink: ${FONTS}\r\n\r\nHTTP/1.1 200 OK\r\n`);
    expect(parse(text).answers).toHaveLength(2);
  });
});
