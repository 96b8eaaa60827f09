import { request as nodeRequest } from 'node:http';
import { describe, expect, it } from 'vitest';
import { eventually, freshName, type TestHost } from './harness.ts';
import { publishEcho } from './gateway-echo.ts';

export function rulesCases(host: () => TestHost): void {
  const statusOf = async (response: Promise<Response>) => (await response).status;

  describe('blocks', () => {
    it('hold for the requests that match, the last one of each rule counting', async () => {
      const fn = await publishEcho(host(), {
        gateway: [
          { response_headers: { set: { 'x-rule': 'all' } } },
          { match: { path: '/api/*' }, response_headers: { set: { 'x-rule': 'api' } } },
          { match: { path: ['/api/open', '/api/free/:id'] }, response_headers: false },
        ],
      });
      const rule = async (path: string) => (await fn.send(path)).headers.get('x-rule');
      expect([
        await rule('/'),
        await rule('/api/x'),
        await rule('/api/open'),
        await rule('/api/free/7'),
        await rule('/api/free/7/x'),
      ]).toEqual(['all', 'api', null, null, 'api']);
    });

    it.each([
      ['a path in another spelling', { path: '/admin/*' }, '/%61dmin/x', undefined],
      ['a path with dots', { path: '/admin/*' }, '/open/%2e%2e/admin/x', undefined],
      ['a method', { methods: 'POST' }, '/', { method: 'POST' }],
      ['a header that is there', { headers: { 'X-Beta': true } }, '/', { headers: { 'x-beta': '' } }],
      ['a header by its beginning', { headers: { 'user-agent': 'bot*' } }, '/', { headers: { 'user-agent': 'bot/2' } }],
      ['a parameter', { query: { v: '2' } }, '/?v=2', undefined],
      ['the lack of one', { query: { v: false }, path: '/none' }, '/none', undefined],
      ['the host', { host: '127.0.0.1' }, '/', undefined],
    ])('match by %s', async (_what, match, path, init) => {
      const fn = await publishEcho(host(), { gateway: [{ match, response_headers: { set: { 'x-rule': 'yes' } } }] });
      expect((await fn.send(path, init)).headers.get('x-rule')).toBe('yes');
    });

    it.each([
      ['another method', { methods: 'POST' }, '/'],
      ['another path', { path: '/a' }, '/a/'],
      ['a header that is not there', { headers: { 'x-beta': 'on' } }, '/'],
      ['another host', { host: '*.example.com' }, '/'],
      ['another route', { route: 'example.com/*' }, '/'],
    ])('do not match %s', async (_what, match, path) => {
      const fn = await publishEcho(host(), { gateway: [{ match, response_headers: { set: { 'x-rule': 'yes' } } }] });
      expect((await fn.send(path)).headers.get('x-rule')).toBeNull();
    });

    it('stand with a route, for those who come by it', async () => {
      const site = `${freshName()}.example`;
      const routes = [{ pattern: `${site}/*`, gateway: { response_headers: { set: { 'x-by': 'route' } } } }];
      const fn = await publishEcho(host(), { routes });
      expect(await throughHost(host().url, site)).toBe('route');
      expect((await fn.send('/')).headers.get('x-by')).toBeNull();
    });
  });

  describe('rules', () => {
    it('redirect, with the query and without leading to another host', async () => {
      const fn = await publishEcho(host(), {
        gateway: [
          { match: { path: '/old/:id' }, redirect: '/new/:id' },
          { match: { path: '/away/*' }, redirect: { to: 'https://example.com/*', status: 302 } },
          { match: { path: '/up/*' }, redirect: '/*' },
        ],
      });
      const to = async (path: string) => {
        const { status, headers } = await fn.send(path);
        return [status, headers.get('location')];
      };
      expect(await to('/old/7?a=1')).toEqual([308, '/new/7?a=1']);
      expect(await to('/away/b/c')).toEqual([302, 'https://example.com/b/c']);
      expect(await to('/up//evil.example')).toEqual([308, '/evil.example']);
      expect(await statusOf(fn.send('/old/7/8'))).toBe(200);
    });

    it('refuse methods, naming those that there are', async () => {
      const fn = await publishEcho(host(), { gateway: [{ match: { path: '/items' }, methods: ['GET'] }] });
      const refused = await fn.send('/items', { method: 'DELETE' });
      expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
      expect(await refused.json()).toMatchObject({ code: 'method-not-allowed', requestId: expect.stringMatching(/^[0-9a-f]{16}$/) });
      expect([
        await statusOf(fn.send('/items')),
        await statusOf(fn.send('/items', { method: 'HEAD' })),
        await statusOf(fn.send('/', { method: 'DELETE' })),
      ]).toEqual([200, 200, 200]);
    });

    it('rewrite the path, and leave the query', async () => {
      const fn = await publishEcho(host(), {
        gateway: [
          { match: { path: '/v1/*' }, rewrite: '/api/*' },
          { match: { path: '/users/:id/:tab' }, rewrite: '/u/:tab/:id' },
        ],
      });
      expect(new URL((await fn.seen('/v1/a/b?x=%20')).url).pathname).toBe('/api/a/b');
      expect((await fn.seen('/v1/a/b?x=%20')).url).toMatch(/\?x=%20$/);
      expect((await fn.seen('/users/7/posts')).path).toBe('/u/posts/7');
    });

    it('change the headers of a request, its body untouched', async () => {
      const fn = await publishEcho(host(), {
        gateway: [{ request_headers: { remove: ['X-Forged'], set: { 'X-Set': 'ours' }, append: { 'x-list': 'two' } } }],
      });
      const body = 'a'.repeat(200_000);
      const seen = await fn.seen('/', {
        method: 'POST',
        body,
        headers: { 'x-forged': 'me', 'x-set': 'theirs', 'x-list': 'one', 'x-stays': 'yes' },
      });
      expect(seen.headers).toMatchObject({ 'x-set': 'ours', 'x-list': 'one, two', 'x-stays': 'yes' });
      expect(seen.headers).not.toHaveProperty('x-forged');
      expect(seen.body).toBe(body);
    });

    it('change the headers of every response, errors and redirects of the function too', async () => {
      const fn = await publishEcho(host(), {
        gateway: [{ response_headers: { remove: ['x-own'], set: { 'x-frame-options': 'DENY' }, append: { vary: 'Cookie' } } }],
      });
      const headersOf = async (path: string) => (await fn.send(path)).headers;
      const usual = await headersOf('/');
      expect([usual.get('x-own'), usual.get('x-frame-options'), usual.get('vary')]).toEqual([null, 'DENY', 'Accept, Cookie']);
      expect((await headersOf('/?throw')).get('x-frame-options')).toBe('DENY');
      expect((await headersOf('/?redirected')).get('x-frame-options')).toBe('DENY');
    });

    it('are in the log where they answer, as no invocation of the function', async () => {
      const fn = await publishEcho(host(), { gateway: [{ match: { path: '/gone' }, methods: ['POST'] }] });
      await fn.send('/gone?secret=1');
      const event = await eventually(() => host().events.find((each) => each.type === 'invocation' && each.function === fn.name));
      expect(event).toMatchObject({ trigger: 'gateway', method: 'GET', path: '/gone', status: 405, outcome: 'method-not-allowed' });
    });
  });

  describe('a manifest', () => {
    it.each([
      ['a rule that is not there', [{ corz: {} }], 'manifest-unknown-key', 'Did you mean "cors"?'],
      ['a key of a rule', [{ cors: { origin: ['*'] } }], 'manifest-unknown-key', 'Did you mean "origins"?'],
      ['credentials for any site', [{ cors: { origins: ['*'], credentials: true } }], 'manifest-invalid', 'gateway[0].cors.credentials'],
      ['a pattern with a star in it', [{ match: { path: '/a*/b' } }], 'manifest-invalid', 'may have "*" at its end only'],
      ['a name that is no segment', [{ match: { path: '/a:b' } }], 'manifest-invalid', 'gateway[0].match.path[0]'],
      ['a redirect to another host by its path', [{ redirect: '//evil.example' }], 'manifest-invalid', 'gateway[0].redirect.to'],
      ['a header of the connection', [{ request_headers: { set: { Host: 'x' } } }], 'manifest-invalid', 'gateway[0].request_headers.set'],
      [
        'a line break in a header',
        [{ response_headers: { set: { 'x-a': 'b\r\nc: d' } } }],
        'manifest-invalid',
        'gateway[0].response_headers.set',
      ],
    ])('is refused for %s', async (_what, gateway, code, says) => {
      await expect(publishEcho(host(), { gateway })).rejects.toMatchObject({ code, message: expect.stringContaining(says) });
    });
  });
}

/** `x-by` of a response to a request for another host than the one it is sent to, which `fetch` cannot do. */
function throughHost(url: string, host: string): Promise<string | undefined> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = nodeRequest({ hostname, port, path: '/', headers: { host } }, (response) => {
      response.resume();
      resolve(response.headers['x-by'] as string | undefined);
    });
    request.on('error', reject).end();
  });
}
