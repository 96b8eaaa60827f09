import { createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-web';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENGINES, publishExample } from '../../test/functions/open.ts';
import type { TestHost } from '../../test/conformance/harness.ts';
import { Greeter } from './src/greet_pb.ts';

describe.each(ENGINES)('on %s', (_engine, open) => {
  let host: TestHost;
  beforeAll(async () => {
    host = await open();
    await publishExample(host, 'rpc');
  });
  afterAll(() => host.stop());

  it.each([
    ['Connect', createConnectTransport],
    ['gRPC-Web', createGrpcWebTransport],
  ])('greets by %s, and counts', async (_protocol, transport) => {
    const client = createClient(Greeter, transport({ baseUrl: `${host.url}/rpc` }));
    expect((await client.greet({ name: 'Ada' })).text).toBe('Hello, Ada!');
    const numbers: number[] = [];
    for await (const { number } of client.count({ to: 3 })) numbers.push(number);
    expect(numbers).toEqual([1, 2, 3]);
  });

  it('is JSON for whoever sends JSON', async () => {
    const init = { method: 'POST', body: '{"name":"Ada"}', headers: { 'content-type': 'application/json' } };
    expect(await (await fetch(`${host.url}/rpc/greet.v1.Greeter/Greet`, init)).json()).toEqual({ text: 'Hello, Ada!' });
  });
});
