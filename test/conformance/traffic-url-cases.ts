import { beforeAll, describe, expect, it } from 'vitest';
import type { TestHost } from './harness.ts';
import { markAt, publishMirrors, refusal, seenBy, statusOf } from './traffic-mirror.ts';

export function urlCases(current: () => TestHost): void {
  let host: TestHost;
  let name: string;
  let digests: string[];
  let port: string;
  beforeAll(async () => {
    host = current();
    ({ port } = new URL(host.url));
    ({ name, digests } = await publishMirrors(host, 'one', 'two', 'three'));
    await host.admin.moveAlias(name, 'staging', { versions: [{ version: 2, weight: 100 }] });
  });

  describe('a path', () => {
    it('leads to `live`, to an alias, to a number, or to the first digits of a digest', async () => {
      expect(await markAt(host, `/${name}/`)).toBe('one');
      expect(await markAt(host, `/${name}@live/`)).toBe('one');
      expect(await markAt(host, `/${name}@staging/`)).toBe('two');
      expect(await markAt(host, `/${name}@3/`)).toBe('three');
      expect(await markAt(host, `/${name}@${digests[2]!.slice(0, 8)}/`)).toBe('three');
      expect(await markAt(host, `/${name}@${digests[1]}/x`)).toBe('two');
    });

    it('says in ctx.brink which alias was asked for: none where the version was named itself', async () => {
      const alias = async (reference: string) => (await seenBy(host, { path: `/${name}${reference}/` })).brink.alias;
      expect([await alias(''), await alias('@live'), await alias('@staging')]).toEqual(['live', 'live', 'staging']);
      expect([await alias('@2'), await alias(`@${digests[1]!.slice(0, 12)}`)]).toEqual([null, null]);
    });

    it.each([
      ['/', '/'],
      ['', '/'],
      ['?a=1&a=2', '/?a=1&a=2'],
      ['/a/b?x=/y?z&empty=', '/a/b?x=/y?z&empty='],
      ['//thing', '//thing'],
      ['///', '///'],
      ['/a//b//', '/a//b//'],
      ['/a%2Fb%20c/%C3%A9?q=%26%3D+', '/a%2Fb%20c/%C3%A9?q=%26%3D+'],
      ['/@scope/a;b=1,2!$', '/@scope/a;b=1,2!$'],
      ['/a:b@c', '/a:b@c'],
      ['/%E0%A4%A', '/%E0%A4%A'],
      ['/?', '/?'],
      ['/x?next=http://a.example/', '/x?next=http://a.example/'],
    ])('is seen without the function in front: /fn%s as %s', async (tail, expected) => {
      const seen = await seenBy(host, { path: `/${name}${tail}` });
      expect(seen.url).toBe(`${host.url}${expected}`);
      expect(seen.brink.url).toBe(`${host.url}/${name}${tail}`);
    });

    it('gives a function the header lines that the client sent, and none besides', async () => {
      const { headers } = await seenBy(host, { path: `/${name}/`, headers: { 'x-own': 'a, b', accept: 'text/*' } });
      expect(headers).toEqual({ 'x-own': 'a, b', accept: 'text/*', host: `127.0.0.1:${port}`, connection: 'keep-alive' });
    });

    it.each([
      ['/a/../b', '/b'],
      ['/a/%2e%2E/b', '/b'],
      ['/./b/.', '/b/'],
      ['/b/?x=/../y', '/b/?x=/../y'],
      ['/b#c', '/b'],
      ['/b?c#d', '/b?c'],
    ])(
      'is resolved first, and loses its fragment (RFC 3986, section 5.2.4; RFC 9112, section 3.2.1): /fn%s is seen as %s',
      async (tail, expected) => {
        expect((await seenBy(host, { path: `/${name}${tail}` })).url).toBe(`${host.url}${expected}`);
      },
    );

    it('has its dot segments resolved before it leads anywhere', async () => {
      const other = await publishMirrors(host, 'other');
      for (const up of ['..', '%2e%2e', '.%2E', 'a/../..']) expect(await markAt(host, `/${name}/${up}/${other.name}/x`)).toBe('other');
      expect(await refusal(host, { path: `/${name}/../no-such-function/` })).toEqual([404, 'function-not-found']);
      expect(await markAt(host, `/./${name}/`)).toBe('one');
    });

    it.each([
      ['/no-such-function/', 'function-not-found'],
      ['/no-such-function@3/', 'function-not-found'],
      ['/', 'not-found'],
      ['/Not_A_Name/x', 'not-found'],
      ['/-a/', 'not-found'],
      ['/a--b/', 'not-found'],
      ['//', 'not-found'],
      ['/constructor/', 'function-not-found'],
      ['/favicon.ico', 'not-found'],
    ])('that leads nowhere is answered with 404: %s is %s', async (path, code) => {
      expect(await refusal(host, { path })).toEqual([404, code]);
    });

    it.each([
      ['@nowhere', 'alias-not-found'],
      ['@', 'alias-not-found'],
      ['@constructor', 'alias-not-found'],
      ['@Live', 'alias-not-found'],
      ['@99', 'version-not-found'],
      ['@0', 'version-not-found'],
      ['@00000000', 'version-not-found'],
      ['@99999999999999999999', 'version-not-found'],
    ])('to what a function does not have is answered with 404: fn%s is %s', async (reference, code) => {
      expect(await refusal(host, { path: `/${name}${reference}/` })).toEqual([404, code]);
    });

    it('takes fewer than eight digits of a digest for an alias', async () => {
      const digits = /^\d+$/.test(digests[0]!.slice(0, 7)) ? 'version-not-found' : 'alias-not-found';
      expect(await refusal(host, { path: `/${name}@${digests[0]!.slice(0, 7)}/` })).toEqual([404, digits]);
    });

    it('that nothing answers gets problem details (RFC 9457)', async () => {
      const response = await fetch(`${host.url}/no-such-function/`);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(await response.json()).toMatchObject({
        type: 'urn:brink:error:function-not-found',
        status: 404,
        code: 'function-not-found',
        function: 'no-such-function',
        detail: expect.stringContaining('no-such-function') as string,
      });
    });
  });

  describe('a host name', () => {
    it('leads to a function, and keeps the path as it is', async () => {
      const seen = await seenBy(host, { host: `${name}.localhost`, path: '/a//b?x=%20' });
      expect(seen.mark).toBe('one');
      expect(seen.url).toBe(`http://${name}.localhost:${port}/a//b?x=%20`);
      expect(seen.brink).toMatchObject({ url: seen.url, alias: 'live', function: name, version: 1 });
    });

    it('leads to an alias or a version that stands in front', async () => {
      expect((await seenBy(host, { host: `staging--${name}.localhost` })).brink).toMatchObject({ alias: 'staging', version: 2 });
      expect((await seenBy(host, { host: `3--${name}.localhost` })).brink).toMatchObject({ alias: null, version: 3 });
      expect((await seenBy(host, { host: `${digests[1]!.slice(0, 12)}--${name}.localhost` })).mark).toBe('two');
    });

    it('is compared without case', async () => {
      expect((await seenBy(host, { host: `${name.toUpperCase()}.LocalHost` })).mark).toBe('one');
    });

    it.each(['/evil', '?x', '#x', ' x', '%zz', ':99999'])('that is none is refused with 400: fn.localhost%s', async (tail) => {
      expect(await statusOf(host, { path: `/${name}/`, headers: { host: `${name}.localhost${tail}` } })).toBe(400);
    });

    it('with a user in front is refused with 400', async () => {
      expect(await statusOf(host, { path: `/${name}/`, headers: { host: `user@${name}.localhost` } })).toBe(400);
    });

    it('of a function sees no other function in the path', async () => {
      const other = await publishMirrors(host, 'other');
      expect(await seenBy(host, { host: `${name}.localhost`, path: `/${other.name}/` })).toMatchObject({ mark: 'one' });
    });

    it.each([
      ['no-such-function.localhost', 'function-not-found'],
      ['a.b.localhost', 'not-found'],
      ['a--b--c.localhost', 'not-found'],
    ])('that leads nowhere is answered with 404: %s is %s', async (hostName, code) => {
      expect(await refusal(host, { host: hostName, path: '/' })).toEqual([404, code]);
    });

    it('with an unknown alias or version is answered with its code', async () => {
      expect(await refusal(host, { host: `nowhere--${name}.localhost` })).toEqual([404, 'alias-not-found']);
      expect(await refusal(host, { host: `99--${name}.localhost` })).toEqual([404, 'version-not-found']);
    });

    it('of another kind leaves paths to lead to functions', async () => {
      expect((await seenBy(host, { host: 'www.example.com', path: `/${name}/x` })).url).toBe(`http://www.example.com:${port}/x`);
      expect((await seenBy(host, { host: 'localhost', path: `/${name}/x` })).mark).toBe('one');
    });
  });

  describe('the admin API', () => {
    it('keeps its path on every host', async () => {
      expect((await fetch(`${host.url}/_brink/health`)).status).toBe(200);
      expect((await fetch(`${host.url}/_brink/health/live`)).status).toBe(200);
      const ready = await fetch(`${host.url}/_brink/health/ready`);
      expect([ready.status, await ready.json()]).toEqual([
        200,
        { status: 'ready', checks: { starting: false, draining: false, overloaded: false, storeReachable: true } },
      ]);
      expect(await refusal(host, { host: `${name}.localhost`, path: '/_brink/nothing' })).toEqual([404, 'not-found']);
    });
  });
}
