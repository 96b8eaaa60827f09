import { describe, expect, it } from 'vitest';
import type { TestHost } from './harness.ts';
import { publishEcho } from './gateway-echo.ts';

export function limitsCases(host: () => TestHost): void {
  describe('rate_limit', () => {
    it('lets through as many as may come, of 64 that come at once, and says how it stands', async () => {
      const fn = await publishEcho(host(), { gateway: [{ rate_limit: { limit: 20, period: '1h', by: 'function' } }] });
      const responses = await Promise.all(Array.from({ length: 64 }, () => fn.send('/')));
      const ok = responses.filter(({ status }) => status === 200);
      const refused = responses.filter(({ status }) => status === 429);
      expect([ok.length, refused.length]).toEqual([20, 44]);
      const [last] = refused;
      expect(last!.headers.get('ratelimit-policy')).toBe('"default";q=20;w=3600');
      expect(last!.headers.get('ratelimit')).toMatch(/^"default";r=0;t=3[56]\d\d$/);
      expect(Number(last!.headers.get('retry-after'))).toBeGreaterThan(170);
      expect(await last!.json()).toMatchObject({ code: 'rate-limited', limit: 20, period: 3600 });
      expect(ok.map(({ headers }) => /r=(\d+)/.exec(headers.get('ratelimit')!)![1]).toSorted((a, b) => Number(a) - Number(b))).toEqual(
        Array.from({ length: 20 }, (_, index) => String(index)),
      );
    });

    it('is exact for short times too', async () => {
      const fn = await publishEcho(host(), {
        gateway: [{ rate_limit: { limit: 10, period: '10m', algorithm: 'sliding-window', by: 'function' } }],
      });
      const responses = await Promise.all(Array.from({ length: 32 }, () => fn.send('/')));
      expect(responses.filter(({ status }) => status === 200)).toHaveLength(10);
    });

    it('counts by a header, and several limits at once', async () => {
      const fn = await publishEcho(host(), {
        gateway: [
          {
            rate_limit: [
              { name: 'tenant', limit: 2, period: '10m', by: { header: 'X-Tenant' } },
              { name: 'all', limit: 3, period: '10m', by: 'function' },
            ],
          },
        ],
      });
      const status = async (tenant: string) => (await fn.send('/', { headers: { 'x-tenant': tenant } })).status;
      expect([await status('a'), await status('a'), await status('a'), await status('b'), await status('b')]).toEqual([
        200, 200, 429, 200, 429,
      ]);
    });

    it('counts whoever auth has found, and those whom it refuses', async () => {
      const fn = await publishEcho(host(), {
        gateway: [
          {
            auth: { basic: { users: 'USERS' } },
            rate_limit: [
              { name: 'user', limit: 1, period: '10m', by: 'principal' },
              { name: 'tries', limit: 4, period: '10m', by: 'function' },
            ],
          },
        ],
      });
      await host().admin.putSecret(fn.name, 'USERS', 'ada:a\nbob:b');
      const status = async (user: string, password: string) =>
        (await fn.send('/', { headers: { authorization: `Basic ${btoa(`${user}:${password}`)}` } })).status;
      expect([
        await status('ada', 'a'),
        await status('ada', 'a'),
        await status('bob', 'b'),
        await status('ada', 'x'),
        await status('ada', 'x'),
      ]).toEqual([200, 429, 200, 401, 429]);
    });
  });

  describe('concurrency', () => {
    it('bounds what is under way, and lets the next through when one is done', async () => {
      const fn = await publishEcho(host(), { gateway: [{ concurrency: { limit: 2, by: 'function' } }] });
      const responses = await Promise.all(Array.from({ length: 5 }, () => fn.send('/?slow=2000')));
      expect(responses.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 429, 429, 429]);
      expect((await fn.send('/')).status).toBe(200);
    });
  });

  describe('access', () => {
    const outcome = async (rule: unknown, init: RequestInit = {}) => {
      const fn = await publishEcho(host(), { gateway: [{ access: rule }] });
      return (await fn.send('/', init)).status;
    };

    it.each<[string, unknown, RequestInit, number]>([
      ['an address that is allowed', { allow: ['127.0.0.0/8', '::1'] }, {}, 200],
      ['another address', { allow: ['10.0.0.0/8'] }, {}, 403],
      ['one that is denied', { deny: ['127.0.0.1', '::1'] }, {}, 403],
      ['one that is denied though allowed', { allow: ['127.0.0.0/8'], deny: ['127.0.0.1'] }, {}, 403],
      ['a country', { countries: { allow: ['de'] } }, { headers: { 'cf-ipcountry': 'DE' } }, 200],
      ['another country', { countries: { allow: ['DE'] } }, { headers: { 'cf-ipcountry': 'FR' } }, 403],
      ['no country', { countries: { allow: ['DE'] } }, {}, 403],
      ['a country that is denied', { countries: { header: 'x-country', deny: ['FR'] } }, { headers: { 'x-country': 'fr' } }, 403],
      ['a page of another site', { origins: ['https://a.example'] }, { method: 'POST', headers: { origin: 'https://b.example' } }, 403],
      ['a page that may', { origins: ['https://a.example'] }, { method: 'POST', headers: { origin: 'https://a.example' } }, 200],
      ['a look from another site', { origins: ['https://a.example'] }, { headers: { origin: 'https://b.example' } }, 200],
      ['what is no page', { origins: ['https://a.example'] }, { method: 'POST' }, 200],
    ])('judges %s', async (_what, rule, init, status) => {
      expect(await outcome(rule, init)).toBe(status);
    });
  });

  describe('a manifest with limits', () => {
    it.each<[string, Record<string, unknown>, string]>([
      ['no period', { rate_limit: { limit: 1 } }, 'gateway[0].rate_limit[0].period'],
      ['a period that is none', { rate_limit: { limit: 1, period: 'soon' } }, 'must be a time from "1s" to "31d"'],
      [
        'a burst of a window',
        { rate_limit: { limit: 1, period: '1m', algorithm: 'sliding-window', burst: 2 } },
        'goes with a token bucket alone',
      ],
      [
        'a name that comes twice',
        {
          rate_limit: [
            { limit: 1, period: '1m' },
            { limit: 2, period: '1h' },
          ],
        },
        'has a name twice',
      ],
      ['an address that is none', { access: { deny: ['example.com'] } }, 'is no address and no range'],
      ['nothing', { access: {} }, 'says nothing'],
    ])('is refused for %s', async (_what, block, says) => {
      await expect(publishEcho(host(), { gateway: [block] })).rejects.toMatchObject({
        code: 'manifest-invalid',
        message: expect.stringContaining(says),
      });
    });
  });
}
