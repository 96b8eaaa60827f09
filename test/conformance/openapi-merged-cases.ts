import { afterEach, describe, expect, it } from 'vitest';
import { encodeArtifact } from '../../host/registry/artifact.ts';
import { freshName, type TestHost } from './harness.ts';
import { describedBy, documentOf } from './openapi-source-cases.ts';

interface Whole {
  readonly servers: unknown;
  readonly paths: Record<string, Record<string, { tags: string[]; security?: unknown; operationId?: string }>>;
  readonly components?: Record<string, Record<string, unknown>>;
}

export function mergedCases(host: () => TestHost): void {
  describe('the documents of all functions as one', () => {
    const made: string[] = [];
    afterEach(async () => {
      for (const name of made.splice(0)) await host().admin.removeFunction(name);
    });

    async function publishDescribed(
      paths: string[],
      manifest: Record<string, unknown> = {},
      { name = freshName(), ...over }: { name?: string; components?: object } = {},
    ) {
      const document = documentOf({
        paths: Object.fromEntries(paths.map((path) => [path, { get: { operationId: 'get' + path.replace(/\W/g, '') } }])),
        ...over,
      });
      await host().admin.publish(name, encodeArtifact(describedBy(document, manifest, name)));
      if (!made.includes(name)) made.push(name);
      return name;
    }
    async function read(query = ''): Promise<Whole> {
      const response = await fetch(`${host().url}/_brink/openapi${query}`, { headers: { authorization: `Bearer ${host().token}` } });
      expect(response.status).toBe(200);
      return (await response.json()) as Whole;
    }
    /** Those of these functions alone: others of the suite are there too. */
    const pathsOf = ({ paths }: Whole, ...names: string[]) =>
      Object.entries(paths).flatMap(([path, item]) =>
        names.some((name) => Object.values(item)[0]!.tags[0]!.startsWith(name)) ? [path] : [],
      );

    it('has each path below the name of its function', async () => {
      const a = await publishDescribed(['/', '/x/{id}']);
      const b = await publishDescribed(['/x/{id}']);
      const whole = await read();
      expect(pathsOf(whole, a, b)).toEqual([`/${a}/`, `/${a}/x/{id}`, `/${b}/x/{id}`]);
      expect(whole.paths[`/${b}/x/{id}`]!['get']).toEqual({ operationId: `${b}_getxid`, tags: [b] });
      expect(whole.servers).toEqual([{ url: '/' }]);
    });

    it('has what clients of a host name reach, by routes first', async () => {
      const site = `${freshName()}.example`;
      const a = await publishDescribed(['/v1/x', '/inside'], { routes: [`${site}/v1/*`] });
      const b = await publishDescribed(['/y'], { routes: [{ pattern: `${site}/shop/*`, strip: true }, { pattern: `other.${site}/y*` }] });
      expect(pathsOf(await read(`?host=${site}`), a, b)).toEqual(['/v1/x', `/${a}/inside`, '/shop/y']);
      expect(pathsOf(await read(`?host=other.${site}`), a, b)).toEqual([`/${a}/v1/x`, `/${a}/inside`, '/y']);
      expect((await read(`?host=${site}`)).servers).toEqual([{ url: `http://${site}` }]);
    });

    it('has another version where a route leads to another alias', async () => {
      const site = `${freshName()}.example`;
      const name = freshName();
      await publishDescribed(['/one'], {}, { name });
      await publishDescribed(['/two'], { routes: [{ pattern: `${site}/beta/*`, strip: true, alias: 'beta' }] }, { name });
      await host().admin.moveAlias(name, 'beta', { versions: [{ version: 2, weight: 100 }] });
      const whole = await read(`?host=${site}`);
      expect(pathsOf(whole, name)).toEqual([`/${name}/one`, '/beta/two']);
      expect(whole.paths['/beta/two']!['get']!.tags).toEqual([`${name}--beta`]);
    });

    it('says what the gateway of each asks', async () => {
      const a = await publishDescribed(['/x'], { gateway: [{ auth: { keys: {} } }] });
      const b = await publishDescribed(['/x'], { gateway: [{ auth: { keys: { header: 'x-other' } } }] });
      const whole = await read();
      const schemeOf = (name: string) =>
        whole.components!['securitySchemes']![Object.keys((whole.paths[`/${name}/x`]!['get']!.security as object[])[0]!)[0]!];
      expect([schemeOf(a), schemeOf(b)]).toMatchObject([{ name: 'x-api-key' }, { name: 'x-other' }]);
    });

    it('has no function without a document, and the admin API where that is wanted', async () => {
      expect(Object.keys((await read()).paths).filter((path) => path.startsWith('/_brink'))).toEqual([]);
      const { paths } = await read('?admin=true');
      expect(paths['/_brink/functions/{fn}']!['get']!.tags).toEqual(['_brink']);
      expect(paths['/_brink/functions/{fn}']!['get']!.security).toHaveLength(1);
    });

    it('is a page as well, and one for a version', async () => {
      const name = await publishDescribed(['/x'], { gateway: [{ auth: { keys: {} } }] });
      const page = async (path: string) => {
        const response = await fetch(`${host().url}/_brink/${path}`, { headers: { authorization: `Bearer ${host().token}` } });
        expect([response.status, response.headers.get('content-security-policy')]).toEqual([
          200,
          expect.stringContaining("default-src 'none'"),
        ]);
        return response.text();
      };
      expect(await page('reference')).toContain(`<h2>${name}</h2>`);
      expect(await page(`functions/${name}/versions/1/reference`)).toContain(`curl &#39;${host().url}/${name}@1/x&#39;`);
      expect(await page(`functions/${name}/versions/live/reference`)).toContain('the header x-api-key');
    });

    it('is nothing for strangers', async () => {
      for (const path of ['openapi', 'reference']) {
        const response = await fetch(`${host().url}/_brink/${path}`, {
          headers: { 'x-forwarded-for': '203.0.113.1', origin: 'https://evil.example' },
        });
        expect(response.status).toBe(401);
      }
    });

    it('is refused for what is no host name', async () => {
      const response = await fetch(`${host().url}/_brink/openapi?host=a/b`, { headers: { authorization: `Bearer ${host().token}` } });
      expect(await response.json()).toMatchObject({ code: 'bad-request', path: 'host' });
    });
  });
}
