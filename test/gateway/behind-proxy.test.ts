import { afterEach, describe, expect, it } from 'vitest';
import { openNode } from '../conformance/harness-node.ts';
import { openWorkerd } from '../conformance/harness-workerd.ts';
import { OWN_MACHINE, publish, type TestHost } from '../conformance/harness.ts';

const SOURCE = 'export default { fetch: (request, env, ctx) => new Response(String(ctx.brink.clientAddress)) };';

describe.each([
  ['Node', openNode],
  ['workerd', openWorkerd],
])('a proxy before a host on %s', (_name, open) => {
  let host: TestHost;
  afterEach(() => host.stop());
  const addressSeen = async (headers: Record<string, string>) => {
    const { url } = await publish(host, SOURCE);
    return (await fetch(url, { headers })).text();
  };

  it('is believed where the host is told so', async () => {
    host = await open({ network: { ...OWN_MACHINE, proxies: ['127.0.0.0/8', '::1'] } });
    expect(await addressSeen({ 'x-forwarded-for': '1.2.3.4, 198.51.100.1' })).toBe('198.51.100.1');
    expect(await addressSeen({ forwarded: 'for="[2001:db8::1]"' })).toBe('2001:db8::1');
  });

  it('is not believed else', async () => {
    host = await open();
    expect(await addressSeen({ 'x-forwarded-for': '198.51.100.1', forwarded: 'for=198.51.100.1' })).toMatch(/127\.0\.0\.1$|^::1$/);
  });
});
