import { beforeAll, describe, expect, it } from 'vitest';
import { freshName, publish, type TestHost } from './harness.ts';
import { becomes, mirror, refusal, seenBy, statusOf } from './traffic-mirror.ts';

interface Route {
  readonly pattern: string;
  readonly strip?: boolean;
  readonly alias?: string;
}

export function routeCases(current: () => TestHost): void {
  let host: TestHost;
  let port: string;
  beforeAll(() => {
    host = current();
    ({ port } = new URL(host.url));
  });

  const withRoutes = (mark: string, routes: readonly (string | Route)[], name = freshName()) =>
    publish(host, mirror(mark), { name, manifest: { routes } });
  const markOf = async (hostName: string, path: string) => (await seenBy(host, { host: hostName, path })).mark;

  describe('a custom route', () => {
    it('takes one path of one host, and nothing beside it', async () => {
      await withRoutes('exact', ['exact.example/only']);
      await becomes(host, () => markOf('exact.example', '/only'), 'exact');
      expect(await markOf('exact.example', '/only?x=1')).toBe('exact');
      for (const path of ['/only/', '/only/x', '/onl', '/ONLY', '/'])
        expect(await statusOf(host, { host: 'exact.example', path })).toBe(404);
      expect(await statusOf(host, { host: 'www.exact.example', path: '/only' })).toBe(404);
    });

    it('takes all paths below its own', async () => {
      await withRoutes('below', ['below.example/api/*']);
      await becomes(host, () => markOf('below.example', '/api/'), 'below');
      expect(await markOf('below.example', '/api/a/b')).toBe('below');
      expect(await statusOf(host, { host: 'below.example', path: '/api' })).toBe(404);
      expect(await statusOf(host, { host: 'below.example', path: '/apis' })).toBe(404);
    });

    it('takes every name below a host, without the host itself', async () => {
      await withRoutes('suffix', ['*.suffix.example/*']);
      await becomes(host, () => markOf('a.suffix.example', '/'), 'suffix');
      expect(await markOf('a.b.c.suffix.example', '/x')).toBe('suffix');
      expect(await statusOf(host, { host: 'suffix.example', path: '/' })).toBe(404);
      expect(await statusOf(host, { host: 'notsuffix.example', path: '/' })).toBe(404);
    });

    it('takes a path of every host, also of hosts that name a function', async () => {
      const { name } = await withRoutes('any', ['*/.well-known/any/*']);
      await becomes(host, () => markOf('whatever.example', '/.well-known/any/x'), 'any');
      expect(await markOf('127.0.0.1', '/.well-known/any/')).toBe('any');
      expect(await markOf('other.localhost', '/.well-known/any/')).toBe('any');
      await host.admin.removeFunction(name);
    });

    it('wins over the path that names a function', async () => {
      const named = await publish(host, mirror('named'));
      await withRoutes('routed', [`wins.example/${named.name}/*`]);
      await becomes(host, () => markOf('wins.example', `/${named.name}/`), 'routed');
      expect(await markOf('127.0.0.1', `/${named.name}/`)).toBe('named');
    });

    it('compares hosts without case and port', async () => {
      await withRoutes('case', ['Case.Example/*']);
      await becomes(host, () => markOf('cASE.exAMPLE', '/'), 'case');
    });

    it('lets the function see the URL as it is, unless it strips', async () => {
      await withRoutes('kept', ['kept.example/api/*']);
      await becomes(host, () => markOf('kept.example', '/api/'), 'kept');
      const seen = await seenBy(host, { host: 'kept.example', path: '/api//a%2Fb?x=1' });
      expect(seen.url).toBe(`http://kept.example:${port}/api//a%2Fb?x=1`);
      expect(seen.brink.url).toBe(seen.url);
    });

    it.each([
      ['/api/', '/'],
      ['/api/a/b?x=1', '/a/b?x=1'],
      ['/api//a', '//a'],
      ['/api/?q', '/?q'],
    ])('that strips takes its own path away: %s is seen as %s', async (path, expected) => {
      const hostName = `${freshName()}.strip.example`;
      await withRoutes('strip', [{ pattern: `${hostName}/api/*`, strip: true }]);
      await becomes(host, () => markOf(hostName, '/api/'), 'strip');
      const seen = await seenBy(host, { host: hostName, path });
      expect(seen.url).toBe(`http://${hostName}:${port}${expected}`);
      expect(seen.brink.url).toBe(`http://${hostName}:${port}${path}`);
    });

    it('that strips leaves a path that begins with a slash', async () => {
      await withRoutes('half', [{ pattern: 'half.example/app*', strip: true }]);
      await becomes(host, () => markOf('half.example', '/app'), 'half');
      expect((await seenBy(host, { host: 'half.example', path: '/app' })).url).toBe(`http://half.example:${port}/`);
      expect((await seenBy(host, { host: 'half.example', path: '/apple/pie' })).url).toBe(`http://half.example:${port}/le/pie`);
    });

    it('leads to the alias that it names', async () => {
      const { name } = await withRoutes('first', [{ pattern: 'alias.example/*', alias: 'staging' }, 'live.alias.example/*']);
      await becomes(host, () => refusal(host, { host: 'alias.example', path: '/' }), [404, 'alias-not-found']);
      await publish(host, mirror('second'), {
        name,
        alias: 'staging',
        manifest: { routes: [{ pattern: 'alias.example/*', alias: 'staging' }, 'live.alias.example/*'] },
      });
      await becomes(host, async () => (await seenBy(host, { host: 'alias.example' })).brink.alias, 'staging');
      expect(await markOf('alias.example', '/')).toBe('second');
      expect(await markOf('live.alias.example', '/')).toBe('first');
    });

    it('wins where it is the most specific one: by its host first, then by its path', async () => {
      const any = await withRoutes('any', ['*/most/*']);
      await withRoutes('suffix', ['*.most.example/most/*']);
      await withRoutes('longer', ['*.a.most.example/most/*']);
      await withRoutes('host', ['b.a.most.example/most/*']);
      await withRoutes('deeper', ['b.a.most.example/most/deep/*']);
      await withRoutes('exact', ['b.a.most.example/most/deep/one']);
      await becomes(host, () => markOf('b.a.most.example', '/most/deep/one'), 'exact');
      expect(await markOf('b.a.most.example', '/most/deep/two')).toBe('deeper');
      expect(await markOf('b.a.most.example', '/most/x')).toBe('host');
      expect(await markOf('c.a.most.example', '/most/deep/one')).toBe('longer');
      expect(await markOf('c.most.example', '/most/deep/one')).toBe('suffix');
      expect(await markOf('elsewhere.example', '/most/deep/one')).toBe('any');
      await host.admin.removeFunction(any.name);
    });

    it('of a wider host takes the paths that those of a narrower one leave', async () => {
      await withRoutes('wide', ['*.leave.example/*']);
      await withRoutes('narrow', ['a.leave.example/only/*']);
      await becomes(host, () => markOf('a.leave.example', '/only/'), 'narrow');
      expect(await markOf('a.leave.example', '/else')).toBe('wide');
    });
  });

  describe('the table of routes', () => {
    it('refuses a route that another function has, and stays as it was', async () => {
      const owner = await withRoutes('owner', ['clash.example/taken/*']);
      const before = await host.admin.routes();
      const late = freshName();
      await expect(withRoutes('late', ['clash.example/free/*', 'CLASH.example/taken/*'], late)).rejects.toMatchObject({
        code: 'route-conflict',
        details: { pattern: 'clash.example/taken/*', function: owner.name },
      });
      expect(await host.admin.routes()).toEqual(before);
      await expect(host.admin.function(late)).rejects.toMatchObject({ code: 'function-not-found' });
      expect(await statusOf(host, { host: 'clash.example', path: '/free/' })).toBe(404);
      expect(await markOf('clash.example', '/taken/')).toBe('owner');
    });

    it('keeps a function on its version where the next one asks for a taken route', async () => {
      await withRoutes('owner', ['second.example/*']);
      const { name } = await withRoutes('old', ['own.second.example/*']);
      await expect(withRoutes('new', ['second.example/*'], name)).rejects.toMatchObject({ code: 'route-conflict' });
      expect((await host.admin.function(name)).versions).toHaveLength(1);
      expect(await markOf('own.second.example', '/')).toBe('old');
    });

    it('has the routes of the manifest that was published last', async () => {
      const { name } = await withRoutes('old', ['old.last.example/*']);
      await withRoutes('new', ['new.last.example/*'], name);
      const own = (await host.admin.routes()).filter((route) => route.function === name);
      expect(own).toEqual([{ pattern: 'new.last.example/*', strip: false, function: name, alias: 'live' }]);
      await becomes(host, () => refusal(host, { host: 'old.last.example', path: '/' }), [404, 'not-found']);
      await withRoutes('next', ['old.last.example/*']);
      await becomes(host, () => markOf('old.last.example', '/'), 'next');
    });

    it('frees the routes of a function that is removed', async () => {
      const { name } = await withRoutes('gone', ['freed.example/*']);
      await becomes(host, () => markOf('freed.example', '/'), 'gone');
      await host.admin.removeFunction(name);
      await becomes(host, () => refusal(host, { host: 'freed.example', path: '/' }), [404, 'not-found']);
      await withRoutes('heir', ['freed.example/*']);
      await becomes(host, () => markOf('freed.example', '/'), 'heir');
    });

    it('gives a route that two ask for at once to one of them', async () => {
      const results = await Promise.allSettled([withRoutes('a', ['raced.example/*']), withRoutes('b', ['raced.example/*'])]);
      const [won] = results.filter((result) => result.status === 'fulfilled');
      const [lost] = results.filter((result) => result.status === 'rejected');
      expect(lost?.reason).toMatchObject({ code: 'route-conflict' });
      expect((await host.admin.routes()).filter(({ pattern }) => pattern === 'raced.example/*')).toMatchObject([
        { function: won?.value.name },
      ]);
    });
  });
}
