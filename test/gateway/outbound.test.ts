import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { LoadedVersion } from '../../host/dispatch/cell.ts';
import { createOutbound } from '../../host/platforms/node/outbound.ts';

describe('createOutbound()', () => {
  let server: Server;
  let port: number;
  let long = 0;
  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/long') {
        long++;
        response.writeHead(202).end('x'.repeat(1_000_000));
      } else if (request.url === '/away') response.writeHead(302, { location: '/' }).end();
      else response.end(`${request.method} ${String(request.headers['x-a'])}`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(() => server.close());

  const version = (outbound: readonly string[] | null) => ({ manifest: { capabilities: { outbound } } }) as unknown as LoadedVersion;

  it('fetches, and follows no redirect', async () => {
    const outbound = createOutbound({ open: ['127.0.0.1'] });
    const url = `http://127.0.0.1:${port}/`;
    const response = await outbound(version(null), new Request(url, { method: 'POST', body: 'x', headers: { 'x-a': 'b' } }));
    expect(await response.text()).toBe('POST b');
    expect((await outbound(version(null), new Request(`${url}away`))).status).toBe(302);
  });

  it.each([
    ['an address of the host', '127.0.0.1', null],
    ['a name that leads there', 'rebinding.example', null],
    ['localhost', 'localhost', null],
    ['a host that the manifest does not name', '203.0.113.7', ['api.example.com']],
  ])('does not reach %s', async (_what, host, outbound) => {
    const fetch = createOutbound({ open: [], names: { 'rebinding.example': [['127.0.0.1']] } });
    const failure: unknown = await fetch(version(outbound), new Request(`http://${host}:${port}/`)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'egress-denied' });
  });

  it('goes by the addresses that a name has as it connects, and ends with its response', async () => {
    const names = {
      'open.example': [['127.0.0.1']],
      'private.example': [['10.0.0.5']],
      'mapped.example': [['::ffff:127.0.0.2']],
      'rebinding.example': [['127.0.0.1'], ['10.0.0.5']],
    };
    const outbound = createOutbound({ open: ['127.0.0.1'], names });
    const send = async (host: string, hosts: readonly string[] | null = null) => {
      const { status, body } = await outbound(version(hosts), new Request(`http://${host}:${port}/long`, { method: 'POST', body: 'x' }));
      await body?.cancel();
      return status;
    };
    expect(await send('open.example')).toBe(202);
    expect(await send('rebinding.example')).toBe(202);
    for (const host of ['private.example', 'mapped.example', 'rebinding.example', '10.0.0.5', '[::1]', '169.254.169.254'])
      await expect(send(host), host).rejects.toMatchObject({ code: 'egress-denied' });
    await expect(send('open.example', ['other.example'])).rejects.toMatchObject({ code: 'egress-denied', rule: 'outbound' });
    expect(long).toBe(2);
    await vi.waitFor(
      async () => expect(await new Promise((resolve) => server.getConnections((_, count) => resolve(count)))).toBe(0),
      20_000,
    );
  });
});
