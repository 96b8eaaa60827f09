import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoadedVersion } from '../../host/dispatch/cell.ts';
import { createOutbound } from '../../host/platforms/node/outbound.ts';

describe('createOutbound()', () => {
  let server: Server;
  let port: number;
  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/away') response.writeHead(302, { location: '/' }).end();
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
    const denied = (failure as { cause?: { code?: string } }).cause ?? failure;
    expect(denied).toMatchObject({ code: 'egress-denied' });
  });
});
