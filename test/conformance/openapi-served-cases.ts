import { describe, expect, it } from 'vitest';
import { encodeArtifact } from '../../host/registry/artifact.ts';
import { freshName, publish, type TestHost } from './harness.ts';
import { describedBy, documentOf } from './openapi-source-cases.ts';
import { send } from './raw-request.ts';

const GATEWAY = [
  { match: { path: '/openapi.json' }, openapi: 'document' },
  { match: { path: '/docs' }, openapi: 'reference' },
];

export function servedCases(host: () => TestHost): void {
  async function publishServed(manifest: Record<string, unknown> = {}, document: object = documentOf(), name = freshName()) {
    const artifact = describedBy(document, { gateway: GATEWAY, ...manifest }, name);
    const { version } = await host().admin.publish(name, encodeArtifact(artifact));
    return { name, version, url: `${host().url}/${name}` };
  }
  const read = async (url: string) => (await (await fetch(url)).json()) as ReturnType<typeof documentOf>;

  describe('a document that is served', () => {
    it('is there for GET and HEAD, and says where the function is reached', async () => {
      const { name, url } = await publishServed();
      const response = await fetch(`${url}/openapi.json`);
      expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([
        200,
        'application/json',
        'no-cache',
      ]);
      expect(await response.json()).toEqual({ ...documentOf(), servers: [{ url: `/${name}` }] });
      const head = await fetch(`${url}/openapi.json`, { method: 'HEAD' });
      expect([head.status, head.headers.get('etag'), await head.text()]).toEqual([200, response.headers.get('etag'), '']);
      expect(await (await fetch(`${url}/openapi.json`, { method: 'POST' })).text()).toBe('ok');
    });

    it('is not sent to who has it', async () => {
      const { url } = await publishServed();
      const etag = (await fetch(`${url}/openapi.json`)).headers.get('etag')!;
      const again = await fetch(`${url}/openapi.json`, { headers: { 'if-none-match': etag } });
      expect([again.status, again.headers.get('etag')]).toEqual([304, etag]);
      expect((await fetch(`${url}/openapi.json`, { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
    });

    it('is not there where no rule says so', async () => {
      const { url } = await publishServed({ gateway: [] });
      expect(await (await fetch(`${url}/openapi.json`)).text()).toBe('ok');
    });

    it('is that of the version which answers', async () => {
      const { name, url } = await publishServed();
      await publishServed({}, documentOf({ info: { title: 'Things', version: '2' } }), name);
      expect(await read(`${url}/openapi.json`)).toMatchObject({ info: { version: '1' } });
      expect(await read(`${url}@2/openapi.json`)).toMatchObject({ info: { version: '2' }, servers: [{ url: `/${name}@2` }] });
      await host().admin.moveAlias(name, 'live', { versions: [{ version: 2, weight: 100 }] });
      expect(await read(`${url}/openapi.json`)).toMatchObject({ info: { version: '2' } });
    });

    it('says by which route it came', async () => {
      const site = `${freshName()}.example`;
      await publishServed({ routes: [{ pattern: `${site}/shop/*`, strip: true }] });
      const { json } = await send(host(), { host: site, path: '/shop/openapi.json' });
      expect(json).toMatchObject({ servers: [{ url: '/shop' }] });
    });

    it('has what the gateway asks, and is behind it itself', async () => {
      const auth = { keys: {} };
      const { url } = await publishServed({ gateway: [{ auth }, ...GATEWAY, { match: { path: '/docs' }, auth: false }] });
      expect((await fetch(`${url}/openapi.json`)).status).toBe(401);
      const text = await (await fetch(`${url}/docs`)).text();
      expect(text).toContain('the header x-api-key');
    });

    it('is also one that the function gives itself', async () => {
      const source = `export default { fetch: () => Response.json(${JSON.stringify(documentOf({ openapi: '3.0.0' }))}) };`;
      const { url } = await publish(host(), source, { manifest: { openapi: { path: '/openapi.json' }, gateway: GATEWAY } });
      expect(await read(`${url}openapi.json`)).toMatchObject({ openapi: '3.1.1' });
    });

    it('has to be there', async () => {
      const refused = publish(host(), 'export default { fetch: () => new Response() };', { manifest: { gateway: GATEWAY } });
      await expect(refused).rejects.toMatchObject({ code: 'manifest-invalid', details: { key: 'gateway[0].openapi' } });
    });
  });

  describe('a reference page', () => {
    it('stands by itself, under a policy that lets nothing in', async () => {
      const { name, url } = await publishServed();
      const response = await fetch(`${url}/docs`);
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'/);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      const text = await response.text();
      expect(text).toContain(`curl &#39;${host().url}/${name}/things&#39;`);
      expect(text).not.toContain('<script');
      expect(text).not.toMatch(/(?:src|href)="https?:/);
    });

    it('shows what a document says as text', async () => {
      const evil = '<script>alert(1)</script>';
      const { url } = await publishServed(
        {},
        documentOf({ info: { title: evil, version: evil, description: `[x](javascript:alert(1)) ${evil}` } }),
      );
      const text = await (await fetch(`${url}/docs`)).text();
      expect(text).not.toContain('<script');
      expect(text).not.toContain('href="javascript');
      expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    });
  });
}
