import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../conformance/harness.ts';
import { exchange } from '../../conformance/raw-exchange.ts';
import { openSecure, type SecureHost } from './open.ts';

const HANDSHAKE_TIMEOUT = 2_000;

/** Whatever else happens to it. */
function closed(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once('close', resolve));
}

describe('the port of a host that speaks TLS', () => {
  let host: SecureHost;
  let port: number;
  let plain: string;
  beforeAll(async () => {
    host = await openSecure({ front: { handshakeTimeout: HANDSHAKE_TIMEOUT, headersTimeout: 2_500 } });
    port = Number(new URL(host.url).port);
    plain = host.url.replace('https:', 'http:');
  });
  afterAll(() => host.stop());

  const open = async (): Promise<Socket> => {
    const socket = connectTcp(port, '127.0.0.1').on('error', () => {});
    await once(socket, 'connect');
    return socket;
  };
  /** A client's first record of TLS. */
  const hello = (): Promise<Buffer> => {
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    const socket = new Duplex({
      read() {},
      write: (chunk: Buffer, _encoding, done: () => void) => {
        resolve(chunk);
        done();
      },
    });
    connect({ socket, servername: 'localhost' }).on('error', () => {});
    return promise;
  };
  const answers = async () => {
    const response = await host.tls.fetch(new Request(`${host.url}/_brink/health`));
    expect(response.status).toBe(200);
  };

  it.each([
    'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    'POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'get',
  ])('tells who sends %j what is spoken here', async (bytes) => {
    const { answers: got, closed: ended } = await exchange(plain, bytes);
    expect(ended).toBe(true);
    expect(got).toHaveLength(1);
    expect(got[0]!.status).toBe(400);
    expect(JSON.parse(got[0]!.body)).toMatchObject({
      code: 'bad-request',
      detail: expect.stringContaining('TLS is spoken at this port. Write https:'),
    });
    await answers();
  });

  it('closes what begins with neither, and handshakes that are none', async () => {
    const first = await hello();
    const rows = [
      Buffer.from([0]),
      Buffer.from([0x80, 0x2e, 1, 0, 2]),
      Buffer.from([0x15, 3, 3, 0, 2, 2, 0]),
      Buffer.from([0x16, 3, 3, 0, 0]),
      Buffer.from([0x16, 3, 3, 0xff, 0xff, ...randomBytes(100)]),
      Buffer.concat([Buffer.from([0x16, 3, 1, 0x40, 0]), randomBytes(0x4000)]),
      Buffer.concat([first, randomBytes(200)]),
      Buffer.concat([first, Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')]),
    ];
    // Each byte of a first record is changed in turn, as far as there is time for it.
    for (let at = 0; at < first.length; at += 29)
      rows.push(Buffer.concat([first.subarray(0, at), Buffer.from([first[at]! ^ 0xff]), first.subarray(at + 1)]));
    await Promise.all(
      rows.map(async (bytes) => {
        const socket = await open();
        const over = closed(socket);
        socket.resume().write(bytes);
        await over;
      }),
    );
    await answers();
  });

  it('is left by clients all over their first record', async () => {
    const first = await hello();
    for (let length = 0; length <= first.length; length += 7) {
      const socket = await open();
      socket.write(first.subarray(0, length));
      await wait(1);
      if (length % 2 === 0) socket.resetAndDestroy();
      else socket.end();
    }
    await answers();
  });

  it('takes a handshake whose bytes come in packets of their own', async () => {
    const behind = await open();
    behind.setNoDelay(true);
    const between = new Duplex({
      read() {},
      async write(chunk: Buffer, _encoding, done: () => void) {
        for (let at = 0; at < chunk.length; at += at < 8 ? 1 : 40) {
          behind.write(chunk.subarray(at, at < 8 ? at + 1 : at + 40));
          await new Promise((sent) => setImmediate(sent));
        }
        done();
      },
    });
    behind.on('data', (chunk: Buffer) => between.push(chunk)).on('end', () => between.push(null));
    const socket = connect({ socket: between, servername: 'localhost', ca: host.ca });
    await once(socket, 'secureConnect');
    socket.write('GET /_brink/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
    expect((await socket.setEncoding('latin1').toArray()).join('')).toMatch(/^HTTP\/1\.1 200/);
  });

  it('lets go of who says nothing, half of a handshake, or a byte of it now and then', async () => {
    const first = await hello();
    const begun = performance.now();
    const silent = await open();
    const half = await open();
    half.write(first.subarray(0, 100));
    const dripping = await open();
    let at = 0;
    const dripper = setInterval(() => dripping.write(first.subarray(at, ++at)), 20);
    await Promise.all(
      [silent, half, dripping].map(async (socket) => {
        await closed(socket.resume());
        const took = performance.now() - begun;
        expect(took).toBeGreaterThan(HANDSHAKE_TIMEOUT - 50);
        expect(took).toBeLessThan(5 * HANDSHAKE_TIMEOUT);
      }),
    );
    clearInterval(dripper);
    await answers();
  });

  it('lets go of who has shaken hands and asks for nothing', async () => {
    const socket = connect({ host: '127.0.0.1', port, ca: host.ca });
    await once(socket, 'secureConnect');
    const begun = performance.now();
    await closed(socket.resume());
    expect(performance.now() - begun).toBeLessThan(30_000);
  });

  it('does not begin a handshake anew', async () => {
    const socket = connect({ host: '127.0.0.1', port, ca: host.ca, maxVersion: 'TLSv1.2' });
    socket.on('error', () => {});
    await once(socket, 'secureConnect');
    const error = await new Promise<Error | null>((resolve) => {
      socket.renegotiate({}, resolve);
      socket.once('error', resolve);
    });
    expect(error?.message).toMatch(/no renegotiation|renegotiat/i);
    socket.destroy();
    await answers();
  });

  it('HTTP/1.1 where HTTP/2 was agreed on, or the other way round, ends with the connection', async () => {
    for (const [ALPNProtocols, bytes] of [
      [['h2'], 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
      [['http/1.1'], 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ] as const) {
      const socket = connect({ host: '127.0.0.1', port, ca: host.ca, ALPNProtocols: [...ALPNProtocols] });
      socket.on('error', () => {});
      await once(socket, 'secureConnect');
      socket.write(bytes);
      await closed(socket.resume());
    }
    await answers();
  });

  it('a session of HTTP/2 ends when its client breaks off without a word', async () => {
    const session = connectHttp2(host.url, { ca: host.ca }).on('error', () => {});
    await once(session, 'connect');
    session.socket.destroy();
    await answers();
  });
});

it('connections beyond --max-connections are closed before their handshake', async () => {
  const host = await openSecure({ front: { handshakeTimeout: 60_000, maxConnections: 10 } });
  onTestFinished(host.stop);
  const port = Number(new URL(host.url).port);
  const many = Array.from({ length: 25 }, () =>
    connectTcp(port, '127.0.0.1')
      .on('error', () => {})
      .resume(),
  );
  await eventually(() => (many.filter(({ destroyed }) => destroyed).length === 15 ? true : undefined));
  for (const socket of many) socket.destroy();
  await eventually(async () => {
    const response = await host.tls.fetch(new Request(`${host.url}/_brink/health`)).catch(() => null);
    return response?.ok ? true : undefined;
  });
});
