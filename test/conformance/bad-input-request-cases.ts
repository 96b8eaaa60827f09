import { beforeAll, describe, expect, it } from 'vitest';
import { encodeArtifact } from '../../host/registry/artifact.ts';
import { admin, victimOn, type Victim } from './bad-input-guard.ts';
import { artifactOf, type TestHost } from './harness.ts';
import { send, type RawRequest } from './raw-request.ts';
import { mirror } from './traffic-mirror.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

/** Calls of the admin API that say what cannot be, or come from who may not call. */
export function requestCases(current: () => TestHost): void {
  let host: TestHost;
  let victim: Victim;
  let live: string;
  beforeAll(async () => {
    host = current();
    victim = await victimOn(host);
    live = `/_brink/functions/${victim.name}/aliases/live`;
    // A second version, which weights may name.
    await host.admin.publish(victim.name, encodeArtifact(artifactOf(victim.name, { 'index.js': mirror('second') })));
  });

  const put =
    (body: string | object, path = live) =>
    () =>
      admin(host, { method: 'PUT', path, headers: JSON_TYPE, body: typeof body === 'string' ? body : JSON.stringify(body) });
  const weights = (...entries: readonly (readonly [version: unknown, weight: unknown])[]) => ({
    versions: entries.map(([version, weight]) => ({ version, weight })),
  });

  describe('an alias is not moved', () => {
    it('to a version that is not there', () =>
      victim.refuses(put(weights([9, 100])), { status: 404, code: 'version-not-found', function: victim.name, version: 9 }));

    it('of a function that is not there', () =>
      victim.refuses(put(weights([1, 100]), '/_brink/functions/no-such-function/aliases/live'), {
        status: 404,
        code: 'function-not-found',
      }));

    it.each([
      ['do not add up', weights([1, 90], [2, 9]), /add up to 99/],
      ['add up to more', weights([1, 90], [2, 20]), /add up to 110/],
      ['are negative', weights([1, 110], [2, -10]), /110|-10/],
      ['are zero', weights([1, 100], [2, 0]), /weight of version 2 is 0/],
      ['have three decimals', weights([1, 33.333], [2, 66.667]), /33\.333/],
      ['name a version twice', weights([1, 50], [1, 50]), /Version 1 stands twice/],
    ])('by weights that %s', (_what, body, detail) => victim.refuses(put(body), { status: 400, code: 'weights-invalid', detail }));

    it.each([
      ['no weights at all', { versions: [] }, 'versions'],
      ['a weight that is no number', weights([1, '100']), 'versions.0.weight'],
      ['a weight of null, which NaN becomes', weights([1, Number.NaN]), 'versions.0.weight'],
      ['a weight without end', '{"versions":[{"version":1,"weight":1e999}]}', 'versions.0.weight'],
      ['a version that is no number', weights(['1', 100]), 'versions.0.version'],
      ['a version of 1.5', weights([1.5, 100]), 'versions.0.version'],
      ['version 0', weights([0, 100]), 'versions.0.version'],
      ['an unknown key', { ...weights([1, 100]), stickky: null }, ''],
      ['a sticky by nothing known', { ...weights([1, 100]), sticky: { by: 'moon' } }, 'sticky'],
      ['a list', [], ''],
      ['null', 'null', ''],
    ])('by a body with %s', (_what, body, path) => victim.refuses(put(body), { status: 400, code: 'bad-request', in: 'json', path }));

    it.each(['', '{', 'NaN', '{"versions":[{"version":1,"weight":NaN}]}', '\u0000'])('by a body that is no JSON: %j', (body) =>
      victim.refuses(put(body), { status: 400, code: 'bad-request' }),
    );

    it('by a body of another type', () =>
      victim.refuses(
        () =>
          admin(host, { method: 'PUT', path: live, headers: { 'content-type': 'text/plain' }, body: JSON.stringify(weights([1, 100])) }),
        { status: 400, code: 'bad-request' },
      ));

    it.each(['3', '007', 'deadbeef', '0123456789abcdef', '12345678'])('that would read as a version: %s', (alias) =>
      victim.refuses(put(weights([1, 100]), live.replace('live', alias)), {
        status: 400,
        code: 'name-invalid',
        detail: /would read as a version/,
      }),
    );

    it.each(['Live', 'a_b', '-a', 'a--b', 'a.b', 'x'.repeat(64), 'a%20b', '%2e%2e%2fx', '%C3%A4'])(
      'whose name is no DNS label: %s',
      (alias) => victim.refuses(put(weights([1, 100]), live.replace('live', alias)), { status: 400, code: 'name-invalid', what: 'alias' }),
    );

    it.each(['3', '"3', 'W/"1"', '"x"'])('by an If-Match that is none: %s', (tag) =>
      victim.refuses(
        () =>
          admin(host, { method: 'PUT', path: live, headers: { ...JSON_TYPE, 'if-match': tag }, body: JSON.stringify(weights([2, 100])) }),
        { status: 400, code: 'bad-request', path: 'if-match' },
      ),
    );
  });

  describe('a publish is not begun', () => {
    it.each(['3', 'deadbeef', 'Not-A-Label'])('with the alias %s', async (alias) => {
      const bytes = encodeArtifact(artifactOf(victim.name, { 'index.js': mirror('new') }));
      await expect(host.admin.publish(victim.name, bytes, { alias })).rejects.toMatchObject({ code: 'name-invalid' });
      expect((await host.admin.function(victim.name)).versions).toHaveLength(2);
    });
  });

  describe('the admin API', () => {
    it.each<[string, RawRequest, number, string]>([
      ['an unknown path', { path: '/_brink/nothing' }, 404, 'not-found'],
      ['its bare path', { path: '/_brink' }, 404, 'not-found'],
      ['a path below a known one', { path: '/_brink/functions/a/b/c/d' }, 404, 'not-found'],
      ['a method that a path lacks', { method: 'PATCH', path: '/_brink/functions' }, 405, 'method-not-allowed'],
      ['a method that nothing has', { method: 'PURGE', path: '/_brink/functions' }, 405, 'method-not-allowed'],
      ['a function that is not there', { path: '/_brink/functions/no-such-function' }, 404, 'function-not-found'],
      ['a limit that is none', { path: '/_brink/logs?limit=many' }, 400, 'bad-request'],
    ])('refuses %s', (_what, request, status, code) => victim.refuses(() => admin(host, request), { status, code }));

    it('says which methods a path takes (RFC 9110, section 15.5.6)', async () => {
      const { headers } = await admin(host, { method: 'PATCH', path: live });
      expect(headers['allow']?.split(', ').toSorted()).toEqual(['DELETE', 'GET', 'HEAD', 'PUT']);
    });

    it.each<[string, Record<string, string>]>([
      ['a wrong token', { authorization: `Bearer ${'x'.repeat(43)}` }],
      ['no token in the scheme', { authorization: 'Bearer' }],
      ['another scheme', { authorization: `Basic ${btoa('admin:admin')}` }],
      ['no token, and a proxy in front (Forwarded)', { forwarded: 'for=192.0.2.1' }],
      ['no token, and a proxy in front (X-Forwarded-For)', { 'x-forwarded-for': '192.0.2.1' }],
      ['no token, and a name that is not of this machine', { host: 'evil.example' }],
      ['no token, and a page elsewhere', { origin: 'https://evil.example' }],
    ])('refuses %s', (_what, headers) =>
      victim.refuses(() => send(host, { method: 'DELETE', path: `/_brink/functions/${victim.name}`, headers }), {
        status: 401,
        code: 'unauthorized',
        look(response) {
          expect(response.headers['www-authenticate']).toBe('Bearer realm="brink"');
          expect(response.text).not.toContain(host.token);
        },
      }),
    );

    it('refuses a part of the token, and more than the token', async () => {
      for (const token of [host.token.slice(0, -1), `${host.token}x`, host.token.toUpperCase(), `${host.token} ${host.token}`]) {
        await victim.refuses(() => send(host, { path: '/_brink/functions', headers: { authorization: `Bearer ${token}` } }), {
          status: 401,
          code: 'unauthorized',
        });
      }
    });

    it('refuses changes from a page of another site, whatever it knows', () =>
      victim.refuses(
        () => admin(host, { method: 'DELETE', path: `/_brink/functions/${victim.name}`, headers: { 'sec-fetch-site': 'cross-site' } }),
        { status: 403, code: 'forbidden' },
      ));
  });
}
