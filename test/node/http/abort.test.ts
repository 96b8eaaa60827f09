import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNode } from '../../conformance/harness-node.ts';
import { eventually, publish, type TestHost } from '../../conformance/harness.ts';
import { open } from '../../conformance/raw-exchange.ts';

const FUNCTION = `let begun = 0, open = 0; export default { async fetch(request) {
  if (new URL(request.url).pathname === '/counts') return Response.json({ begun, open });
  begun++; open++;
  try {
    const text = await request.text();
    let left = 8;
    return new Response(new ReadableStream({
      async pull(controller) {
        await scheduler.wait(0);
        controller.enqueue(new TextEncoder().encode('piece ' + text));
        if (--left === 0) { open--; controller.close() }
      },
      cancel() { open-- },
    }));
  } catch (error) { open--; throw error }
} }`;

interface Counts {
  readonly begun: number;
  readonly open: number;
}

/** Whatever the client does, an invocation that has begun ends, and nothing of it stays. */
describe('a connection that breaks off', () => {
  let host: TestHost;
  let url: string;
  let request: string;
  let handles: number;
  beforeAll(async () => {
    host = await openNode();
    ({ url } = await publish(host, FUNCTION, { manifest: { scaling: { max_cells: 1 } } }));
    request =
      `POST ${new URL(url).pathname} HTTP/1.1\r\nHost: ${new URL(url).host}\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n` +
      '5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nX-Trailer: t\r\n\r\n';
    handles = sockets();
  });
  afterAll(async () => {
    await host.stop();
    // A call that is left would keep its cell for as long as a drain waits, which is told then.
    expect(host.events.filter(({ type }) => type === 'host')).toEqual([]);
  });

  const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  const counts = async () => {
    const response = await fetch(`${url}counts`, { headers: { connection: 'close' } });
    return (await response.json()) as Counts;
  };
  const settled = async () => {
    await eventually(async () => ((await counts()).open === 0 ? true : undefined));
    await eventually(() => (sockets() <= handles ? true : undefined));
    const { begun } = await counts();
    const ended = await eventually(() => {
      const all = host.events.filter((event) => event.type === 'invocation' && event.method === 'POST').length;
      return all >= begun ? all : undefined;
    });
    expect(ended).toBe(begun);
    expect((await fetch(url, { method: 'POST', body: 'x' }).then((response) => response.text())).length).toBe(8 * 7);
  };

  const WAYS = [
    ['ends its side and leaves', 'end'],
    ['resets it', 'reset'],
  ] as const;

  it.each(WAYS)('at every byte of a request: the client %s', async (_how, way) => {
    for (let at = 0; at <= request.length; at += 8) {
      // Eight offsets at once: each on a connection of its own.
      await Promise.all(
        Array.from({ length: Math.min(8, request.length + 1 - at) }, (_, index) => {
          const socket = open(host.url).on('error', () => {});
          return new Promise<void>((resolve) => {
            socket.once('close', () => resolve());
            socket.write(request.slice(0, at + index), () => {
              if (way === 'reset') socket.resetAndDestroy();
              else socket.end().resume();
            });
          });
        }),
      );
    }
    await settled();
  });

  it.each(WAYS)('at every byte of a response: the client %s', async (_how, way) => {
    const whole = await new Promise<string>((resolve) => {
      let text = '';
      const socket = open(host.url).on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.write(request.replace('\r\nExpect', '\r\nConnection: close\r\nExpect'));
      socket.once('close', () => resolve(text));
    });
    expect(whole.length).toBeGreaterThan(200);
    for (let at = 0; at < whole.length; at += 8) {
      await Promise.all(
        Array.from({ length: 8 }, (_, index) => {
          const socket = open(host.url).on('error', () => {});
          let got = 0;
          return new Promise<void>((resolve) => {
            const leave = () => (way === 'reset' ? socket.resetAndDestroy() : socket.destroy());
            socket.once('close', () => resolve());
            socket.on('data', (chunk: Buffer) => {
              got += chunk.length;
              if (got >= at + index) leave();
            });
            socket.write(request, () => {
              if (at + index === 0) leave();
            });
          });
        }),
      );
    }
    await settled();
  });
});
