import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { dirname, join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { altNames } from '../../../host/platforms/node/alt-names.ts';
import { publish } from '../../conformance/harness.ts';
import { makeCertificate, type Made } from '../../certificate.ts';
import { openSecure, writePair, type SecureHost } from './open.ts';

const FUNCTION = `export default { fetch: (request, env, ctx) => Response.json({ principal: ctx.brink.principal, cert: request.headers.get('x-forwarded-client-cert') }) }`;
const FORGED = { 'x-forwarded-client-cert': 'Subject="CN=root"' };

interface Seen {
  readonly principal?: { readonly scheme: string; readonly id: string } | null;
  readonly cert?: string | null;
  readonly code?: string;
}

describe('a host that asks clients for certificates', () => {
  const authority = makeCertificate({ name: 'authority' });
  const ada = makeCertificate({ name: 'ada', of: ['ada.example'], by: authority });
  const service = makeCertificate({ name: 'svc', of: ['svc.example', 'spiffe://cluster/ns/svc'], by: authority });
  const strangers = [makeCertificate({ name: 'ada' }), makeCertificate({ name: 'ada', by: makeCertificate({ name: 'authority' }) })];
  const late = makeCertificate({ name: 'ada', days: -1, by: authority });
  let host: SecureHost;
  let guarded: string;
  let open: string;
  let only: string;
  beforeAll(async () => {
    const pair = writePair();
    const clientCa = join(dirname(pair.files.cert), 'ca.pem');
    writeFileSync(clientCa, authority.cert);
    host = await openSecure({ tls: { ...pair.files, clientCa } }, pair);
    const publishWith = async (auth: Record<string, unknown>) => (await publish(host, FUNCTION, { manifest: { gateway: [{ auth }] } })).url;
    guarded = await publishWith({ certificate: {} });
    open = await publishWith({ certificate: {}, optional: true });
    only = await publishWith({ certificate: { allow: ['spiffe://cluster/*'] } });
  });
  afterAll(() => host.stop());

  const ask = async (url: string, { cert, key }: Partial<Made> = {}): Promise<[number, Seen]> => {
    const sent = request(url, { ca: host.ca, agent: false, headers: FORGED, ...(cert && { cert, key: key! }) }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return [response.statusCode!, JSON.parse((await response.setEncoding('utf8').toArray()).join('')) as Seen];
  };

  it('knows who shows one, by its URI or its subject, and takes away a header that says so', async () => {
    expect(await ask(guarded, ada)).toEqual([
      200,
      { principal: expect.objectContaining({ scheme: 'certificate', id: 'CN=ada' }), cert: null },
    ]);
    expect(await ask(guarded, service)).toEqual([
      200,
      { principal: expect.objectContaining({ id: 'spiffe://cluster/ns/svc' }), cert: null },
    ]);
  });

  it('lets a rule say who needs one, and whose', async () => {
    expect(await ask(guarded)).toEqual([401, expect.objectContaining({ code: 'credentials-missing' })]);
    expect(await ask(open)).toEqual([200, { principal: null, cert: null }]);
    expect(await ask(only, ada)).toEqual([401, expect.objectContaining({ code: 'credentials-invalid' })]);
    expect((await ask(only, service))[0]).toBe(200);
  });

  it('by HTTP/2 too', async () => {
    const session = connectHttp2(host.url, { ca: host.ca, cert: service.cert, key: service.key });
    const stream = session.request({ ':path': new URL(only).pathname, ...FORGED });
    const [head] = (await once(stream, 'response')) as [IncomingHttpHeaders];
    const seen = JSON.parse((await stream.setEncoding('utf8').toArray()).join('')) as Seen;
    expect([head[':status'], seen.principal?.id, seen.cert]).toEqual([200, 'spiffe://cluster/ns/svc', null]);
    session.close();
  });

  it.each([
    ['that it signed itself', strangers[0]!],
    ['of another authority of the same name', strangers[1]!],
    ['that has ended', late],
  ])('closes the connection of who shows one %s', async (_what, made) => {
    await expect(ask(open, made)).rejects.toThrow(/socket hang up|ECONNRESET|alert/);
    expect((await ask(open))[0]).toBe(200);
  });

  it('a session that is resumed is of the same client', async () => {
    const first = connect({ host: '127.0.0.1', port: Number(new URL(host.url).port), ca: host.ca, cert: ada.cert, key: ada.key });
    const [session] = (await once(first, 'session')) as [Buffer];
    first.destroy();
    const again: TLSSocket = connect({ host: '127.0.0.1', port: Number(new URL(host.url).port), ca: host.ca, session });
    await once(again, 'secureConnect');
    expect(again.isSessionReused()).toBe(true);
    again.write(`GET ${new URL(guarded).pathname} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect((await again.setEncoding('latin1').toArray()).join('')).toContain('"id":"CN=ada"');
  });

  it('after another authority has come, nobody whom the one before has signed is known, by an old session neither', async () => {
    const port = Number(new URL(host.url).port);
    const first = connect({ host: '127.0.0.1', port, ca: host.ca, cert: ada.cert, key: ada.key });
    const [session] = (await once(first, 'session')) as [Buffer];
    first.destroy();
    const next = makeCertificate({ name: 'next authority' });
    writeFileSync(join(dirname(host.pair.files.cert), 'ca.pem'), next.cert);
    await host.tls.reread();
    await expect(ask(open, ada)).rejects.toThrow(/socket hang up|ECONNRESET|alert/);
    expect((await ask(guarded, makeCertificate({ name: 'bea', by: next })))[1].principal?.id).toBe('CN=bea');
    const again = connect({ host: '127.0.0.1', port, ca: host.ca, session }).on('error', () => {});
    await once(again, 'secureConnect');
    again.write(`GET ${new URL(guarded).pathname} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(
      (
        await again
          .setEncoding('latin1')
          .toArray()
          .catch(() => [])
      ).join(''),
    ).not.toContain('"id":"CN=ada"');
  });
});

it.each<[string | undefined, [string, string][]]>([
  [undefined, []],
  [
    'DNS:a.example, IP Address:10.0.0.1, URI:spiffe://a/b',
    [
      ['DNS', 'a.example'],
      ['IP Address', '10.0.0.1'],
      ['URI', 'spiffe://a/b'],
    ],
  ],
  [
    'DNS:"a, URI:spiffe://forged, b", DNS:c',
    [
      ['DNS', 'a, URI:spiffe://forged, b'],
      ['DNS', 'c'],
    ],
  ],
])('names in %j are whole, whatever is in them', (text, names) => {
  expect(altNames(text)).toEqual(names);
});
