import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import { createServer as createRaw, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { BrinkError } from '../../host/errors.ts';
import { createRuntimeFront } from '../../host/platforms/miniflare/front.ts';
import { createGate } from '../../host/platforms/miniflare/gate.ts';
import { freePort, listen } from '../../host/platforms/listen.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Stands where the runtime will: it counts what comes, and says how long bodies were. */
function startRuntime(port: number) {
  const seen: string[] = [];
  const server = createServer((incoming, outgoing) => {
    seen.push(incoming.url!);
    void incoming.toArray().then((body) => outgoing.end(`${incoming.method} ${Buffer.concat(body).byteLength}`));
  });
  server.on('upgrade', (incoming, socket) => {
    seen.push(incoming.url!);
    socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello');
  });
  servers.push(server);
  return new Promise<string[]>((resolve) => server.listen(port, '127.0.0.1', () => resolve(seen)));
}

async function begin() {
  const port = await freePort('127.0.0.1');
  const gate = createGate();
  gate.open();
  const lost = () => new BrinkError('cell-crashed', 'The runtime ended while it ran this.');
  const front = createRuntimeFront({ port, gate, draining: () => false, lost });
  servers.push(front.server);
  return { port, gate, url: await listen(front.server, { hostname: '127.0.0.1', port: 0 }) };
}

it('the head of an answer does not wait for a body that is silent', async () => {
  const { port, url } = await begin();
  const { promise: heard, resolve: hear } = Promise.withResolvers<void>();
  const server = createServer((_incoming, outgoing) => {
    outgoing.flushHeaders();
    void heard.then(() => outgoing.end('late'));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const response = await fetch(url);
  hear();
  expect([response.status, await response.text()]).toEqual([200, 'late']);
});

describe('the front of a runtime that has ended, before anyone has heard of it', () => {
  it('keeps what nobody had until the next one is there, with its body', async () => {
    const { port, gate, url } = await begin();
    const body = 'x'.repeat(1_000_000);
    const answers = [fetch(`${url}/a`), fetch(`${url}/b`, { method: 'POST', body }), fetch(`${url}/c`, { method: 'DELETE' })];
    await new Promise((resolve) => setTimeout(resolve, 50));
    gate.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const seen = await startRuntime(port);
    gate.open();
    expect(await Promise.all(answers.map(async (answer) => (await answer).text()))).toEqual(['GET 0', 'POST 1000000', 'DELETE 0']);
    expect(seen.toSorted()).toEqual(['/a', '/b', '/c']);
  });

  it('keeps an upgrade too', async () => {
    const { port, gate, url } = await begin();
    const asked = request(`${url}/socket`, { headers: { connection: 'upgrade', upgrade: 'echo' } }).end();
    const upgraded = once(asked, 'upgrade');
    await new Promise((resolve) => setTimeout(resolve, 30));
    gate.close();
    const seen = await startRuntime(port);
    gate.open();
    const [, socket, head] = await upgraded;
    expect(String(head) + (await socket.toArray()).join('')).toBe('hello');
    expect(seen).toEqual(['/socket']);
  });

  it('says so where that takes too long, and tells what the runtime took along', async () => {
    const { gate, url } = await begin();
    const late = fetch(`${url}/a`);
    await new Promise((resolve) => setTimeout(resolve, 30));
    gate.close(Date.now() + 60_000);
    const response = await late;
    expect([response.status, response.headers.get('retry-after'), ((await response.json()) as { code: string }).code]).toEqual([
      503,
      expect.stringMatching(/^(60|5\d)$/),
      'runtime-unavailable',
    ]);
  });

  it('sends nothing twice that the runtime may have begun', async () => {
    const { port, url } = await begin();
    let came = 0;
    const server = createServer((incoming) => {
      came++;
      incoming.socket.destroy();
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    expect((server.address() as AddressInfo).port).toBe(port);
    const response = await fetch(`${url}/a`);
    expect([response.status, ((await response.json()) as { code: string }).code, came]).toEqual([502, 'cell-crashed', 1]);
  });

  it('gives the answer to a body that the runtime wants no more of, and closes its connection', async () => {
    const { port, url } = await begin();
    const runtime = createRaw((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        socket.pause();
        // What it has not read makes this a reset.
        socket.write('HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno', () => socket.destroy());
      });
    });
    await new Promise<void>((resolve) => runtime.listen(port, '127.0.0.1', resolve));
    try {
      for (let time = 0; time < 20; time++) expect(await upload(`${url}/a`)).toBe(413);
    } finally {
      await new Promise((resolve) => runtime.close(resolve));
    }
  });
});

/** Written at once: who still writes when the connection ends would not get to read. */
async function upload(url: string): Promise<number> {
  const size = 200_000;
  const asked = request(url, { method: 'POST', agent: false, headers: { 'content-length': size } });
  asked.end(Buffer.alloc(size));
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  await response.toArray();
  asked.destroy();
  return response.statusCode!;
}
