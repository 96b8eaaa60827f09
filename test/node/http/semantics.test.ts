import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNode } from '../../conformance/harness-node.ts';
import { eventually, publish, type TestHost } from '../../conformance/harness.ts';
import { exchange, open, parse } from '../../conformance/raw-exchange.ts';

const FUNCTION = `const seen = []; const utf8 = new TextEncoder();
export default { async fetch(request) {
  const url = new URL(request.url);
  switch (url.pathname) {
    case '/seen': return Response.json(seen.splice(0));
    case '/read': return new Response(await request.text());
    case '/unread': return new Response('no need');
    case '/first': return new Response(await new Response((await request.body.getReader().read()).value).text());
    case '/status': { const status = Number(url.search.slice(1)); return new Response([204, 205, 304].includes(status) ? null : 'body', { status }); }
    case '/slow': await scheduler.wait(Number(url.search.slice(1))); return new Response(url.search);
    case '/answers-all-the-same': {
      request.signal.addEventListener('abort', () => seen.push('left'));
      await scheduler.wait(100);
      return new Response(new ReadableStream({ async pull(controller) { controller.enqueue(utf8.encode('late')); await scheduler.wait(20); controller.close() } }));
    }
    case '/events': {
      request.signal.addEventListener('abort', () => seen.push('abort'));
      let next = 0;
      return new Response(new ReadableStream({
        async pull(controller) { if (next++ > 2) return new Promise(() => {}); await scheduler.wait(30); controller.enqueue(utf8.encode('data: ' + next + '\\n\\n')) },
        cancel() { seen.push('cancel') },
      }), { headers: { 'content-type': 'text/event-stream' } });
    }
    case '/set': { try { return run(url) } catch (error) { return new Response(error.name, { status: 299 }) } }
    case '/stream': return new Response(new ReadableStream({ pull(controller) { controller.enqueue(utf8.encode(url.searchParams.get('body'))); controller.close() } }), { headers: { 'content-length': url.searchParams.get('length') } });
  }
} }
function run(url) {
  const how = url.searchParams.get('how'), name = url.searchParams.get('name'), value = url.searchParams.get('value');
  if (how === 'init') return new Response('x', { headers: { [name]: value } });
  if (how === 'pairs') return new Response('x', { headers: [[name, value]] });
  if (how === 'append') { const response = new Response('x'); response.headers.append(name, value); return response }
  if (how === 'json') return Response.json({}, { headers: { [name]: value } });
  if (how === 'text') return new Response('x', { statusText: value });
  return new Response(null, { status: 302, headers: new Headers({ [name]: value }) });
}`;

describe('HTTP/1.1 on Node', () => {
  let host: TestHost;
  let url: string;
  let head: (path: string, options?: { method?: string; headers?: string; version?: string }) => string;
  beforeAll(async () => {
    host = await openNode();
    const { name, url: at } = await publish(host, FUNCTION, { manifest: { scaling: { max_cells: 1 } } });
    url = at;
    const { host: address } = new URL(host.url);
    head = (path, { method = 'GET', headers = '', version = '1.1' } = {}) =>
      `${method} /${name}/${path} HTTP/${version}\r\nHost: ${address}\r\n${headers}\r\n`;
    await fetch(`${url}seen`);
  });
  afterAll(() => host.stop());
  const seen = async () => (await (await fetch(`${url}seen`)).json()) as string[];

  describe('statuses and bodies', () => {
    it('200 to 599 pass, each with a body or without as its kind has it, and the connection goes on', async () => {
      const statuses = Array.from({ length: 400 }, (_, index) => 200 + index);
      const all = statuses.map((status) => head(`status?${status}`)).join('');
      const { answers, closed, rest } = await exchange(host.url, all, { silence: 500 });
      expect(answers.map(({ status }) => status)).toEqual(statuses);
      expect([closed, rest]).toEqual([false, '']);
      for (const { status, body, headers } of answers) {
        expect(body).toBe([204, 205, 304].includes(status) ? '' : 'body');
        expect(headers.has('content-length')).toBe(status !== 204 && status !== 304);
      }
    });

    it('HEAD has no body, whatever the function gives', async () => {
      const bytes = head('status?200', { method: 'HEAD' }) + head('events', { method: 'HEAD' }) + head('status?404', { method: 'HEAD' });
      const { answers, rest } = await exchange(host.url, bytes, { method: 'HEAD' });
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 404]);
      expect(rest).toBe('');
    });

    it.each([
      ['fewer bytes than its Content-Length says', 'body=abc&length=5'],
      ['more', 'body=abcdef&length=3'],
    ])('a stream of %s ends the connection, so that nothing is taken for its rest', async (_what, query) => {
      const { answers, closed } = await exchange(host.url, head(`stream?${query}`) + head('unread'));
      expect(closed).toBe(true);
      expect(answers.filter(({ body }) => body === 'no need')).toEqual([]);
    });

    it('a stream as long as its Content-Length says has that framing', async () => {
      const { answers, closed } = await exchange(host.url, head('stream?body=abc&length=3') + head('unread'));
      expect(answers.map(({ body }) => body)).toEqual(['abc', 'no need']);
      expect([answers[0]!.headers.get('content-length'), closed]).toEqual(['3', false]);
    });

    it.each([
      ['content-length', '99', '1'],
      ['Content-Length', '0', '1'],
      ['transfer-encoding', 'chunked', undefined],
      ['transfer-encoding', 'gzip', undefined],
      ['connection', 'close', 'keep-alive'],
      ['keep-alive', 'timeout=1', 'timeout=65'],
      ['upgrade', 'websocket', undefined],
      ['trailer', 'x-sum', undefined],
    ])('a function’s own %s: %s is not the connection’s', async (name, value, wanted) => {
      const { answers, closed, rest } = await exchange(host.url, head(`set?how=init&name=${name}&value=${value}`) + head('unread'));
      expect(answers.map(({ body }) => body)).toEqual(['x', 'no need']);
      expect(answers[0]!.headers.get(name.toLowerCase())).toBe(wanted);
      expect([closed, rest]).toEqual([false, '']);
    });

    it('to a client of HTTP/1.0 a stream ends with the connection', async () => {
      const { answers, closed } = await exchange(
        host.url,
        head('first', { method: 'POST', version: '1.0', headers: 'Content-Length: 3\r\n' }) + 'abc',
      );
      expect([answers[0]!.body, closed]).toEqual(['abc', true]);
      const streamed = await exchange(host.url, head('answers-all-the-same', { version: '1.0' }));
      expect(streamed.answers[0]!.headers.has('transfer-encoding')).toBe(false);
      expect([streamed.answers[0]!.body, streamed.closed]).toEqual(['late', true]);
    });
  });

  describe('header lines of functions', () => {
    const INJECTIONS = ['a\r\nset-cookie: b=1', 'a\nb', 'a\rb', 'a\0b', 'x\r\n\r\n<html>', 'a\u0100b', 'a\u560d\u560ab', '\ud83d\ude00'];
    it.each(['init', 'pairs', 'append', 'json', 'headers'].flatMap((how) => INJECTIONS.map((value) => [how, value])))(
      'by %s with the value %j are a TypeError in the function',
      async (how, value) => {
        const response = await fetch(`${url}set?${new URLSearchParams({ how, name: 'x-own', value })}`, { redirect: 'manual' });
        expect([response.status, await response.text()]).toEqual([299, 'TypeError']);
      },
    );

    it.each(['a b', 'a:b', '', 'a\r\nb', 'ä', 'a\0'])('with the name %j are a TypeError in the function', async (name) => {
      for (const how of ['init', 'pairs', 'append', 'json', 'headers']) {
        const response = await fetch(`${url}set?${new URLSearchParams({ how, name, value: 'x' })}`, { redirect: 'manual' });
        expect([how, response.status, await response.text()]).toEqual([how, 299, 'TypeError']);
      }
    });

    it.each(['OK\r\nset-cookie: a=1', 'OK\n', 'a\0', 'smile \ud83d\ude00', 'a\x7f'])(
      'the status text %j is a TypeError in the function',
      async (value) => {
        const response = await fetch(`${url}set?${new URLSearchParams({ how: 'text', value })}`);
        expect([response.status, await response.text()]).toEqual([299, 'TypeError']);
      },
    );

    it('bytes past ASCII pass, and characters that Node does not write are said to be the function’s fault', async () => {
      const latin = await fetch(`${url}set?${new URLSearchParams({ how: 'init', name: 'x-own', value: '\xe9\xff' })}`);
      expect(latin.headers.get('x-own')).toBe('\xe9\xff');
      const control = await fetch(`${url}set?${new URLSearchParams({ how: 'init', name: 'x-own', value: 'a\x01b' })}`);
      expect([control.status, ((await control.json()) as { code: string }).code]).toEqual([502, 'response-invalid']);
    });
  });

  describe('Expect: 100-continue', () => {
    const expecting = (path: string, length = 3, version = '1.1') =>
      head(path, { method: 'POST', headers: `Expect: 100-continue\r\nContent-Length: ${length}\r\n`, version });

    it.each(['read', 'first'])('100 comes when the function reads (%s)', async (path) => {
      const socket = open(host.url);
      socket.write(expecting(path));
      expect(String((await once(socket, 'data'))[0])).toBe('HTTP/1.1 100 Continue\r\n\r\n');
      socket.write('abc');
      const { answers } = parse(String((await once(socket, 'data'))[0]), { closed: false });
      expect(answers.map(({ body, headers }) => [body, headers.get('connection')])).toEqual([['abc', 'keep-alive']]);
      socket.destroy();
    });

    it('a function that does not read answers at once, without 100, and the connection ends', async () => {
      const { answers, closed } = await exchange(host.url, expecting('unread'));
      expect(answers.map(({ status, body }) => [status, body])).toEqual([[200, 'no need']]);
      expect(closed).toBe(true);
    });

    it('a body that comes without waiting is read, and after an answer without 100 it is no request', async () => {
      const read = await exchange(host.url, `${expecting('read')}abc`);
      expect(read.answers.at(-1)!.body).toBe('abc');
      const smuggled = head('unread');
      const { answers } = await exchange(host.url, expecting('unread', smuggled.length) + smuggled);
      expect(answers.map(({ status }) => status)).toEqual([200]);
    });

    it('a client of HTTP/1.0 cannot wait for 100', async () => {
      const { answers } = await exchange(host.url, `${expecting('read', 3, '1.0')}abc`);
      expect(answers.map(({ status, body }) => [status, body])).toEqual([[200, 'abc']]);
    });

    it('another expectation is a 417', async () => {
      const { answers, closed } = await exchange(
        host.url,
        head('read', { method: 'POST', headers: 'Expect: miracles\r\nContent-Length: 3\r\n' }),
      );
      expect([answers[0]!.status, closed]).toEqual([417, true]);
      expect(JSON.parse(answers[0]!.body)).toMatchObject({ code: 'expectation-failed' });
    });

    it('the admin API reads a body that waits', async () => {
      const socket = open(host.url);
      socket.write(
        `PUT /_brink/functions/nothing/aliases/live HTTP/1.1\r\nHost: ${new URL(host.url).host}\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n`,
      );
      expect(String((await once(socket, 'data'))[0])).toBe('HTTP/1.1 100 Continue\r\n\r\n');
      socket.write('abc');
      expect(parse(String((await once(socket, 'data'))[0])).answers.map(({ status }) => status)).toEqual([400]);
      socket.destroy();
    });
  });

  describe('connections', () => {
    it('pipelined requests are answered in their order, however long each takes', async () => {
      const waits = [120, 0, 60, 1, 30];
      const { answers, closed } = await exchange(host.url, waits.map((ms) => head(`slow?${ms}`)).join(''), { silence: 400 });
      expect(answers.map(({ body }) => body)).toEqual(waits.map((ms) => `?${ms}`));
      expect(closed).toBe(false);
    });

    it('what is no request is answered after the requests before it', async () => {
      const { answers, closed } = await exchange(host.url, `${head('slow?80')}${head('slow?0')}NONSENSE\r\n\r\n`, { silence: 400 });
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 400]);
      expect(closed).toBe(true);
    });

    it('a client that ends its side still gets its answer, and the function hears of it', async () => {
      await seen();
      const { answers, closed } = await exchange(host.url, head('answers-all-the-same'), { end: true, silence: 1_000 });
      expect([answers[0]?.body, closed]).toEqual(['late', true]);
      expect(await seen()).toEqual(['left']);
    });

    it('pipelined requests of a client that has ended its side are all answered', async () => {
      const { answers, closed } = await exchange(host.url, head('slow?60') + head('slow?0') + head('read'), { end: true, silence: 1_000 });
      expect([answers.map(({ body }) => body), closed]).toEqual([['?60', '?0', ''], true]);
    });

    it('a body that ends too early is no body, and the connection ends', async () => {
      const { answers, closed } = await exchange(host.url, `${head('read', { method: 'POST', headers: 'Content-Length: 10\r\n' })}abc`, {
        end: true,
        silence: 1_000,
      });
      expect([answers.map(({ status }) => status), closed]).toEqual([[400], true]);
    });

    it('a client that leaves while events are sent ends their stream at once', async () => {
      await seen();
      const socket = open(host.url);
      socket.write(head('events'));
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      await eventually(() => (text.includes('data: 2') ? true : undefined));
      socket.end();
      const list = await eventually(async () => {
        const now = await seen();
        return now.length > 0 ? now : undefined;
      });
      expect(list.toSorted()).toEqual(['abort', 'cancel']);
    });

    it('each event of a stream leaves as it is made', async () => {
      const response = await fetch(`${url}events`);
      const reader = response.body!.getReader();
      const texts: string[] = [];
      for (let index = 0; index < 3; index++) texts.push(new TextDecoder().decode((await reader.read()).value));
      expect(texts).toEqual(['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n']);
      expect(response.headers.get('content-type')).toBe('text/event-stream');
      await reader.cancel();
    });

    it('Upgrade to anything but a WebSocket is ignored, and the body arrives', async () => {
      const headers = 'Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 3\r\n';
      const { answers, closed } = await exchange(host.url, `${head('read', { method: 'POST', headers })}abc${head('unread')}`);
      // Node loses what follows such a request in the same packet, so nothing may.
      expect([answers.map(({ body }) => body), closed]).toEqual([['abc'], true]);
    });

    it('a WebSocket’s target that begins with two slashes names no other host', async () => {
      const websocket =
        'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
      const { answers } = await exchange(host.url, `GET //other/x HTTP/1.1\r\nHost: ${new URL(host.url).host}\r\n${websocket}\r\n`);
      expect(JSON.parse(answers[0]!.body)).toMatchObject({
        code: 'not-found',
        detail: expect.stringContaining(`${host.url}//other/x`) as string,
      });
      const bad = await exchange(host.url, `GET /x HTTP/1.1\r\nHost: a/b\r\n${websocket}\r\n`);
      expect(bad.answers.map(({ status }) => status)).toEqual([400]);
    });

    it('a request that is sent while its connection is being closed is answered or refused as a whole', async () => {
      const other = await openNode({ front: { keepAliveTimeout: 30 } });
      const { url: at } = await publish(other, FUNCTION);
      const line = `GET ${new URL(at).pathname}unread HTTP/1.1\r\nHost: ${new URL(at).host}\r\n\r\n`;
      // Connections are kept a second longer than clients are told.
      const tries = Array.from({ length: 40 }, async (_, index) => {
        const socket = open(other.url);
        let text = '';
        socket.on('data', (chunk: Buffer) => (text += chunk.toString())).on('error', () => {});
        const closed = new Promise((resolve) => socket.once('close', resolve));
        socket.write(line);
        await once(socket, 'data');
        // The first is certainly in time, the last is certainly not.
        await new Promise((resolve) => setTimeout(resolve, [300, ...Array.from({ length: 38 }, (_, at) => 970 + 6 * at), 2_500][index]));
        socket.write(line);
        await closed;
        const { answers, rest } = parse(text);
        expect(rest).toBe('');
        return answers.length;
      });
      const answered = await Promise.all(tries);
      expect(answered.filter((answers) => answers !== 1 && answers !== 2)).toEqual([]);
      expect(answered).toContain(1);
      expect(answered).toContain(2);
      await other.stop();
    });

    it('clients are told how long a connection is kept, but for its last answer', async () => {
      const keeps = async (headers = '') => {
        const { answers } = await exchange(host.url, head('unread', { headers }));
        return answers.map((answer) => [answer.headers.get('connection'), answer.headers.get('keep-alive')]);
      };
      expect((await keeps())[0]).toEqual(['keep-alive', 'timeout=65']);
      expect(await keeps('Connection: close\r\n')).toEqual([['close', undefined]]);
    });

    it('what is quiet for long is kept while it is a request or a WebSocket', async () => {
      const other = await openNode({ front: { keepAliveTimeout: 20, idleTimeout: 500 } });
      const { url: at } = await publish(
        other,
        `export default { async fetch(request) {
          if (!request.headers.has('upgrade')) { await scheduler.wait(2_000); return new Response('late') }
          const [client, server] = Object.values(new WebSocketPair());
          server.accept();
          server.addEventListener('message', ({ data }) => server.send('said ' + data));
          return new Response(null, { status: 101, webSocket: client });
        } }`,
      );
      const socket = new WebSocket(at.replace('http', 'ws'));
      await new Promise((resolve) => socket.addEventListener('open', resolve));
      // Longer than a connection without either would be kept.
      expect(await (await fetch(at)).text()).toBe('late');
      const said = new Promise((resolve) => socket.addEventListener('message', ({ data }) => resolve(data)));
      socket.send('still');
      expect(await said).toBe('said still');
      const closed = new Promise((resolve) => socket.addEventListener('close', resolve));
      socket.close();
      await closed;
      await other.stop();
    });
  });
});
