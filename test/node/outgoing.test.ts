import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { createOutgoing } from '../../host/platforms/node/outgoing.ts';

const names = {
  'open.example': [['127.0.0.1']],
  'private.example': [['10.0.0.5']],
  'mapped.example': [['::ffff:127.0.0.2']],
  'rebinding.example': [['127.0.0.1'], ['10.0.0.5']],
};

it('what the host sends for a function goes by the addresses that a name has as it connects', async () => {
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    request.resume().on('end', () => response.writeHead(202, { location: 'http://private.example/' }).end('x'.repeat(1_000_000)));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const outgoing = createOutgoing({ open: ['127.0.0.1'], names });
  const send = (host: string, outbound: string[] | null = null) =>
    outgoing(new Request(`http://${host}:${port}/`, { method: 'POST', body: 'hello' }), outbound);
  try {
    expect(await send('open.example')).toBe(202);
    expect(await send('rebinding.example')).toBe(202);
    for (const host of ['private.example', 'mapped.example', 'rebinding.example', '10.0.0.5', '[::1]', '169.254.169.254'])
      await expect(send(host), host).rejects.toMatchObject({ code: 'egress-denied' });
    await expect(send('open.example', ['other.example'])).rejects.toMatchObject({ code: 'egress-denied', rule: 'outbound' });
    expect(requests).toBe(2);
  } finally {
    server.close();
  }
});
