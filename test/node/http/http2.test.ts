import { once } from 'node:events';
import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNode } from '../../conformance/harness-node.ts';
import { eventually, publish, type TestHost } from '../../conformance/harness.ts';
import { exchange } from '../../conformance/raw-exchange.ts';

const FUNCTION = `const seen = []; export default { async fetch(request) {
  const { pathname } = new URL(request.url);
  switch (pathname) {
    case '/mirror': return Response.json({ method: request.method, url: request.url, headers: [...request.headers], body: await request.text() });
    case '/echo': return new Response(request.body);
    case '/head': return new Response('h', { status: 418, statusText: 'Unheard of', headers: [['set-cookie', 'a=1'], ['set-cookie', 'b=2'], ['connection', 'close'], ['keep-alive', 'x'], ['transfer-encoding', 'chunked'], ['x-own', '1']] });
    case '/wait': {
      request.signal.addEventListener('abort', () => seen.push('abort'));
      return new Response(new ReadableStream({ start(controller) { controller.enqueue(new Uint8Array(1)) }, cancel() { seen.push('cancel') } }));
    }
    case '/endless': return new Response(new ReadableStream({ pull(controller) { made++; controller.enqueue(new Uint8Array(65536)) } }));
    case '/made': return Response.json(made);
    case '/seen': return Response.json(seen);
    case '/unread': return new Response('no need');
  }
} }
let made = 0;`;

interface Answer {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

describe('HTTP/2 in clear text, on the port of HTTP/1.1', () => {
  let host: TestHost;
  let url: string;
  let path: string;
  let session: ClientHttp2Session;
  beforeAll(async () => {
    host = await openNode();
    ({ url } = await publish(host, FUNCTION, { manifest: { scaling: { max_cells: 1 } } }));
    path = new URL(url).pathname;
    session = connect(host.url);
  });
  afterAll(async () => {
    session.close();
    await host.stop();
  });

  const callsUnderWay = async () => {
    const { versions } = (await (await fetch(`${host.url}/_brink/cells`)).json()) as { versions: { calls: number }[] };
    return versions.reduce((sum, { calls }) => sum + calls, 0);
  };
  const ask = (rest: string, headers: OutgoingHttpHeaders = {}) =>
    session.request({ ':path': path + rest, ...headers }, { endStream: false });
  const answerOf = async (stream: ClientHttp2Stream): Promise<Answer> => {
    const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
    let text = '';
    for await (const chunk of stream.setEncoding('utf8')) text += chunk as string;
    return { headers, text };
  };

  it('a function sees the request that it would see by HTTP/1.1', async () => {
    const stream = ask('mirror?x=1', { ':method': 'POST', 'x-one': ['1', '2'], cookie: ['a=1', 'b=2'], 'content-type': 'text/x' });
    stream.end('the body');
    const seen = JSON.parse((await answerOf(stream)).text) as { method: string; url: string; headers: [string, string][]; body: string };
    expect(seen).toMatchObject({ method: 'POST', url: `${host.url}/mirror?x=1`, body: 'the body' });
    expect(Object.fromEntries(seen.headers)).toEqual({
      host: new URL(host.url).host,
      'x-one': '1, 2',
      cookie: 'a=1; b=2',
      'content-type': 'text/x',
    });
  });

  it('a response keeps its status and lines, without those of a connection', async () => {
    const { headers, text } = await answerOf(ask('head').end());
    expect(headers).toMatchObject({ ':status': 418, 'set-cookie': ['a=1', 'b=2'], 'x-own': '1', 'content-length': '1' });
    for (const name of ['connection', 'keep-alive', 'transfer-encoding']) expect(headers).not.toHaveProperty(name);
    expect(text).toBe('h');
  });

  it('the admin API answers', async () => {
    const { headers, text } = await answerOf(session.request({ ':path': '/_brink/functions' }));
    expect(headers[':status']).toBe(200);
    expect(JSON.parse(text)).toHaveProperty('functions');
  });

  it('8 MB go through a function unchanged, while other streams are answered', async () => {
    const stream = ask('echo', { ':method': 'POST' });
    const bytes = Buffer.alloc(8 * 1024 * 1024, 'abcdefg');
    stream.end(bytes);
    const other = answerOf(ask('mirror').end());
    await once(stream, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect((await other).headers[':status']).toBe(200);
  });

  it('a body goes through piece by piece', async () => {
    const stream = ask('echo', { ':method': 'POST' });
    stream.write('one');
    expect(String((await once(stream, 'data'))[0])).toBe('one');
    stream.write('two');
    expect(String((await once(stream, 'data'))[0])).toBe('two');
    stream.end();
    await once(stream, 'end');
  });

  it('RST_STREAM aborts request.signal and cancels the response’s stream', async () => {
    const streaming = ask('wait').end();
    await once(streaming, 'data');
    streaming.close(constants.NGHTTP2_CANCEL);
    const seen = await eventually(async () => {
      const list = (await (await fetch(`${url}seen`)).json()) as string[];
      return list.length >= 2 ? list : undefined;
    });
    expect(seen.toSorted()).toEqual(['abort', 'cancel']);
  });

  it('a session that breaks off takes its streams with it', async () => {
    const own = connect(host.url);
    const stream = own.request({ ':path': `${path}wait` });
    await once(stream, 'data');
    const before = ((await (await fetch(`${url}seen`)).json()) as string[]).length;
    own.destroy();
    await eventually(async () => (((await (await fetch(`${url}seen`)).json()) as string[]).length >= before + 2 ? true : undefined));
  });

  it('a function is asked for no more than a slow client takes', async () => {
    const stream = ask('endless').end();
    await once(stream, 'response');
    const made = async () => (await (await fetch(`${url}made`)).json()) as number;
    let last = -1;
    await eventually(async () => {
      const now = await made();
      const still = now === last;
      last = now;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return still ? true : undefined;
    });
    expect(last * 65_536).toBeLessThan(16 * 1024 * 1024);
    stream.close(constants.NGHTTP2_CANCEL);
  });

  it('Expect: 100-continue is answered when the function reads its body, and not before', async () => {
    const read = ask('mirror', { ':method': 'POST', expect: '100-continue' });
    await once(read, 'continue');
    read.end('now');
    expect((await answerOf(read)).text).toContain('"body":"now"');
    const unread = ask('unread', { ':method': 'POST', expect: '100-continue' });
    let continued = false;
    unread.on('continue', () => (continued = true));
    expect((await answerOf(unread)).text).toBe('no need');
    expect(continued).toBe(false);
  });

  it.each<[string, OutgoingHttpHeaders, number]>([
    ['TRACE', { ':method': 'TRACE' }, 405],
    ['CONNECT', { ':method': 'CONNECT', ':authority': 'a:1' }, 405],
    ['a target that is too long', { ':path': `/${'a'.repeat(20_000)}` }, 414],
    ['a Host that is not the :authority', { ':authority': 'one', host: 'other' }, 400],
    ['an authority with a port that is none', { ':authority': 'host:99999' }, 400],
    ['a head of more than 32 KiB', { x: 'a'.repeat(40_000) }, 431],
    ['an expectation that is not known', { ':method': 'POST', expect: 'miracles' }, 417],
  ])('%s is refused', async (_what, headers, status) => {
    const own = connect(host.url);
    const stream = own.request({ ...(headers[':method'] !== 'CONNECT' && { ':path': `${path}mirror` }), ...headers });
    stream.end();
    expect((await answerOf(stream)).headers[':status']).toBe(status);
    own.close();
  });

  it('a client that resets each of its streams at once is shown the door', async () => {
    const own = connect(host.url);
    own.on('error', () => {});
    const closed = new Promise((resolve) => own.once('close', resolve));
    let asked = 0;
    const flood = () => {
      for (let index = 0; index < 200 && !own.destroyed && asked < 20_000; index++, asked++) {
        const stream = own.request({ ':path': `${path}wait` });
        stream.on('error', () => {});
        stream.close(constants.NGHTTP2_CANCEL);
      }
      if (!own.destroyed && asked < 20_000) setImmediate(flood);
    };
    flood();
    await closed;
    expect(asked).toBeLessThan(20_000);
    // Whatever was reset leaves its cell.
    await eventually(async () => ((await callsUnderWay()) === 0 ? true : undefined));
    expect((await fetch(`${url}unread`)).status).toBe(200);
  });

  it('a preface that comes byte by byte is one', async () => {
    const socket = connectTcp(Number(new URL(host.url).port), '127.0.0.1').setNoDelay(true);
    for (const byte of 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n') {
      socket.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    // A SETTINGS frame.
    expect(bytes[3]).toBe(4);
    socket.destroy();
  });

  it('methods that begin like the preface are of HTTP/1.1', async () => {
    const { host: address } = new URL(host.url);
    for (const method of ['PUT', 'PROPFIND', 'POST']) {
      const { answers } = await exchange(host.url, `${method} ${path}mirror HTTP/1.1\r\nHost: ${address}\r\nConnection: close\r\n\r\n`);
      expect(answers[0]?.body).toContain(`"method":"${method}"`);
    }
  });

  it('a host that stops answers what runs, and closes sessions and silent connections', async () => {
    const other = await openNode();
    const { url: slow } = await publish(
      other,
      `export default { fetch() { const { readable, writable } = new TransformStream(); const writer = writable.getWriter();
        (async () => { await writer.write(new TextEncoder().encode('begun, ')); await scheduler.wait(300); await writer.write(new TextEncoder().encode('late')); await writer.close() })();
        return new Response(readable) } }`,
    );
    const own = connect(other.url);
    const silent = connectTcp(Number(new URL(other.url).port), '127.0.0.1');
    await once(silent, 'connect');
    const stream = own.request({ ':path': new URL(slow).pathname });
    const answer = answerOf(stream);
    await once(stream, 'response');
    await Promise.all([other.stop(), once(silent, 'close')]);
    expect((await answer).text).toBe('begun, late');
  });
});
