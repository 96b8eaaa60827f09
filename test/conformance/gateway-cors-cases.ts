import { beforeAll, describe, expect, it } from 'vitest';
import type { TestHost } from './harness.ts';
import { publishEcho, type Echo } from './gateway-echo.ts';

const APP = 'https://app.example.com';

/** https://fetch.spec.whatwg.org/#http-cors-protocol */
export function corsCases(host: () => TestHost): void {
  describe('cors', () => {
    let named: Echo;
    let open: Echo;
    beforeAll(async () => {
      named = await publishEcho(host(), {
        gateway: [
          {
            cors: {
              origins: [APP, 'https://*.apps.example'],
              methods: ['GET', 'PUT'],
              headers: ['X-Token', 'content-type'],
              expose: ['x-own'],
              credentials: true,
              max_age: 60,
            },
          },
        ],
      });
      open = await publishEcho(host(), { gateway: [{ cors: { origins: ['*'] }, methods: ['GET'] }] });
    });

    const preflight = (fn: Echo, { origin = APP, method = 'PUT', headers }: { origin?: string; method?: string; headers?: string } = {}) =>
      fn.send('/', {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': method,
          ...(headers !== undefined && { 'access-control-request-headers': headers }),
        },
      });
    const allowed = ({ headers }: Response) => headers.get('access-control-allow-origin');

    it('answers a preflight, and the function does not see it', async () => {
      const response = await preflight(named, { headers: 'content-type,x-token' });
      expect(response.status).toBe(204);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'access-control-allow-origin': APP,
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': 'GET, PUT',
        'access-control-allow-headers': 'content-type, x-token',
        'access-control-max-age': '60',
        vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
      });
      expect(response.headers.has('x-own')).toBe(false);
    });

    it.each([
      ['an origin', { origin: 'https://evil.example' }],
      ['an origin with another scheme', { origin: 'http://app.example.com' }],
      ['an origin with another port', { origin: `${APP}:444` }],
      ['an origin that ends alike', { origin: 'https://evilapps.example' }],
      ['what is above those that may', { origin: 'https://apps.example' }],
      ['an origin that is none', { origin: 'https://a/b.apps.example' }],
      ['null', { origin: 'null' }],
      ['a method', { method: 'DELETE' }],
      ['a header', { headers: 'x-other' }],
    ])('refuses a preflight for %s', async (_what, asked) => {
      const response = await preflight(named, asked);
      expect([response.status, allowed(response), response.headers.get('access-control-allow-methods')]).toEqual([403, null, null]);
      expect(response.headers.get('vary')).toContain('Origin');
      expect(await response.json()).toMatchObject({ code: 'cors-refused' });
    });

    it('takes names below one, and methods that need no leave', async () => {
      expect(allowed(await preflight(named, { origin: 'https://a.b.apps.example' }))).toBe('https://a.b.apps.example');
      expect((await preflight(named, { method: 'POST' })).status).toBe(204);
    });

    it('says of a response who may read it, in place of the function', async () => {
      const response = await named.send('/?cors', { headers: { origin: APP } });
      expect([allowed(response), response.headers.get('access-control-expose-headers')]).toEqual([APP, 'x-own']);
      expect(response.headers.get('vary')).toBe('Accept, Origin');
      const other = await named.send('/?cors', { headers: { origin: 'https://evil.example' } });
      expect([other.status, allowed(other), other.headers.get('vary')]).toEqual([200, null, 'Accept, Origin']);
      const none = await named.send('/');
      expect([allowed(none), none.headers.get('vary')]).toEqual([null, 'Accept, Origin']);
    });

    it('lets a script read errors too, those of other rules and of the function', async () => {
      const thrown = await named.send('/?throw', { headers: { origin: APP } });
      expect([thrown.status, allowed(thrown)]).toEqual([500, APP]);
      const refused = await open.send('/', { method: 'POST', headers: { origin: APP } });
      expect([refused.status, allowed(refused)]).toEqual([405, '*']);
    });

    it('is for all origins with "*", and differs by none', async () => {
      const response = await open.send('/', { headers: { origin: 'https://any.example' } });
      expect([allowed(response), response.headers.get('access-control-allow-credentials'), response.headers.get('vary')]).toEqual([
        '*',
        null,
        'Accept',
      ]);
      const asked = await preflight(open, { headers: 'authorization, x-any' });
      expect(asked.headers.get('access-control-allow-headers')).toBe('authorization, x-any');
    });

    it('leaves an OPTIONS that is no preflight to the function', async () => {
      expect((await named.seen('/', { method: 'OPTIONS', headers: { origin: APP } })).method).toBe('OPTIONS');
    });
  });
}
