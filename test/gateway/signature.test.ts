import { describe, expect, it } from 'vitest';
import { signatureScheme } from '../../host/gateway/auth/signature.ts';
import { GatewayCall } from '../../host/gateway/call.ts';
import type { LoadedVersion } from '../../host/dispatch/cell.ts';

/** RFC 9421, appendix B.2.5. */
const VECTOR = {
  url: 'http://example.com/foo?param=Value&Pet=dog',
  created: 1_618_884_473,
  key: 'base64:uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==',
  headers: {
    date: 'Tue, 20 Apr 2021 02:07:55 GMT',
    'content-type': 'application/json',
    'signature-input': 'sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
    signature: 'sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:',
  },
};

describe('signatureScheme()', () => {
  const version = {
    function: 'fn',
    manifest: {},
    secrets: () => Promise.resolve({ KEYS: `test-shared-secret:${VECTOR.key}` }),
  } as unknown as LoadedVersion;
  const scheme = signatureScheme({ keys: 'KEYS', components: ['date', '@authority', 'content-type'], window: 300, nonce: false }, version, {
    now: () => VECTOR.created * 1000,
    nonces: { take: () => Promise.resolve(true) },
  });
  const check = (headers: Record<string, string>) => {
    const request = new Request(VECTOR.url, { method: 'POST', headers });
    const connection = { address: null, rawHeaders: null, raw: null };
    const destination = { function: 'fn', reference: null, target: VECTOR.url, route: null };
    return scheme.check(
      new GatewayCall(
        { chosen: { version, alias: null }, request, destination, connection, time: 0 },
        { parameters: () => ({}), random: Math.random },
      ),
    );
  };

  it("takes the RFC's own example", async () => {
    expect(await check(VECTOR.headers)).toMatchObject({ scheme: 'signature', id: 'test-shared-secret' });
  });

  it.each([
    ['a header that was changed', { ...VECTOR.headers, 'content-type': 'text/plain' }],
    ['a signature that was changed', { ...VECTOR.headers, signature: 'sig-b25=:qxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:' }],
    ['another label', { ...VECTOR.headers, signature: 'sig-b26=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:' }],
    ['no dictionary', { ...VECTOR.headers, 'signature-input': '("date"' }],
  ])('refuses %s', async (_what, headers) => {
    await expect(check(headers)).rejects.toMatchObject({ code: 'credentials-invalid' });
  });
});
