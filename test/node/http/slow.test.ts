import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNode } from '../../conformance/harness-node.ts';
import { eventually, publish, type TestHost } from '../../conformance/harness.ts';
import { open, parse } from '../../conformance/raw-exchange.ts';

const FUNCTION = `const seen = []; let made = 0; export default { async fetch(request) {
  const url = new URL(request.url);
  switch (url.pathname) {
    case '/seen': return Response.json({ seen: seen.splice(0), made });
    case '/read': try { return new Response((await request.text()).length) } catch (error) { seen.push(error.name); throw error }
    case '/late': await scheduler.wait(1_500); return new Response((await request.text()).length);
    case '/pauses': return new Response(new ReadableStream({ async pull(controller) { await scheduler.wait(900); controller.enqueue(new Uint8Array(1)); if (++made > 1) controller.close() } }));
    case '/endless': made = 0; return new Response(new ReadableStream({ pull(controller) { made++; controller.enqueue(new Uint8Array(65536)) }, cancel() { seen.push('cancel') } }));
    case '/whole': return new Response(new Uint8Array(64 * 1024 * 1024));
  }
} }`;

describe('slow clients', () => {
  let host: TestHost;
  let url: string;
  beforeAll(async () => {
    host = await openNode({ front: { headersTimeout: 400, idleTimeout: 600 } });
    ({ url } = await publish(host, FUNCTION, { manifest: { scaling: { max_cells: 1 } } }));
    await (await fetch(`${url}seen`)).json();
  });
  afterAll(() => host.stop());

  const seen = async () => (await (await fetch(`${url}seen`)).json()) as { seen: string[]; made: number };
  const head = (path: string, headers = '', method = 'GET') =>
    `${method} ${new URL(url).pathname}${path} HTTP/1.1\r\nHost: ${new URL(url).host}\r\n${headers}\r\n`;
  const tillClosed = async (socket: Socket) => {
    const begun = performance.now();
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1'))).on('error', () => {});
    await new Promise((resolve) => socket.once('close', resolve));
    return { ms: performance.now() - begun, ...parse(text) };
  };
  /** Writes on until it may not. */
  const drip = (socket: Socket, text: string) => {
    let at = 0;
    const timer = setInterval(
      () => (socket.destroyed || !socket.writable ? clearInterval(timer) : socket.write(text.charAt(at++ % text.length))),
      50,
    );
    socket.once('close', () => clearInterval(timer));
  };

  it('a head that comes byte by byte is cut off, and the client is told', async () => {
    const socket = open(host.url);
    drip(socket, head('read', 'X: '.padEnd(5_000, 'x')));
    const { answers, ms } = await tillClosed(socket);
    expect(answers.map(({ status, body }) => [status, (JSON.parse(body) as { code: string }).code])).toEqual([[408, 'request-timeout']]);
    expect(ms).toBeLessThan(30_000);
  });

  it.each([
    ['nothing', ''],
    ['half of a method', 'GE'],
    ['half of the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\n'],
  ])('a connection that says %s is closed', async (_what, text) => {
    const socket = open(host.url);
    socket.write(text);
    expect((await tillClosed(socket)).ms).toBeLessThan(30_000);
  });

  it('a body that stops coming is a 408, and its function sees it break off', async () => {
    await seen();
    const socket = open(host.url);
    socket.write(`${head('read', 'Content-Length: 10\r\n', 'POST')}abc`);
    const { answers } = await tillClosed(socket);
    expect(answers.map(({ status }) => status)).toEqual([408]);
    expect(await eventually(async () => (await seen()).seen[0])).toBe('TypeError');
  });

  it('a client is not blamed for a function that reads late, thinks for long, or sends with pauses', async () => {
    const body = new Uint8Array(4 * 1024 * 1024);
    const [late, pauses] = await Promise.all([fetch(`${url}late`, { method: 'POST', body }), fetch(`${url}pauses`)]);
    expect([late.status, await late.text()]).toEqual([200, String(body.byteLength)]);
    expect((await pauses.arrayBuffer()).byteLength).toBeGreaterThan(0);
  });

  it.each(['endless', 'whole'])(
    'a client that takes nothing of its answer is let go (%s), and memory is not what it waits in',
    async (path) => {
      await seen();
      const before = process.memoryUsage().rss;
      const socket = open(host.url);
      socket.pause();
      socket.write(head(path));
      if (path === 'endless') {
        const { seen: list, made } = await eventually(async () => {
          const now = await seen();
          return now.seen.length > 0 ? now : undefined;
        });
        expect(list).toEqual(['cancel']);
        expect(made * 65_536).toBeLessThan(32 * 1024 * 1024);
        expect(process.memoryUsage().rss - before).toBeLessThan(128 * 1024 * 1024);
      } else {
        // Nothing tells of it but the end of what comes; Node counts twice before it says that a write does not move.
        // In steps: where the process stands still for a while, what it has to do in between is not late by that.
        for (let step = 0; step < 30; step++) await new Promise((resolve) => setTimeout(resolve, 100));
      }
      let got = 0;
      socket.on('error', () => {}).on('data', (chunk: Buffer) => (got += chunk.length));
      socket.resume();
      await once(socket, 'close');
      expect(got).toBeLessThan(64 * 1024 * 1024);
    },
  );

  it('by HTTP/2 too: a body that stops coming, and an answer that is not taken', async () => {
    await seen();
    const session = connectHttp2(host.url);
    const { pathname } = new URL(url);
    const body = session.request({ ':method': 'POST', ':path': `${pathname}read` }).on('error', () => {});
    body.write('abc');
    await new Promise((resolve) => body.once('close', resolve));
    expect(await eventually(async () => (await seen()).seen[0])).toBe('TypeError');
    const answer = session.request({ ':path': `${pathname}endless` }).on('error', () => {});
    await once(answer, 'response');
    const list = await eventually(async () => {
      const now = await seen();
      return now.seen.length > 0 ? now.seen : undefined;
    });
    expect(list).toEqual(['cancel']);
    session.destroy();
  });

  it('connections past the limit are closed as they come, until another has gone', async () => {
    const small = await openNode({ front: { maxConnections: 3 } });
    const sockets = [open(small.url), open(small.url), open(small.url)];
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    const more = open(small.url).on('error', () => {});
    await new Promise((resolve) => more.once('close', resolve));
    sockets[0]!.destroy();
    await eventually(async () => ((await fetch(`${small.url}/`).catch(() => null)) ? true : undefined));
    for (const socket of sockets) socket.destroy();
    await small.stop();
  });
});
