import { describe, expect, it } from 'vitest';
import { publish, type TestHost } from './harness.ts';
import { informed, type InformedOptions } from './information.ts';
import { exchange } from './raw-exchange.ts';

const STYLE = '</style.css>; rel=preload; as=style';
const FONTS = '<https://fonts.example.com>; rel="preconnect"; crossorigin';
/** It says what its URL asks for. */
const SOURCE = `export default {
  fetch(request) {
    const { searchParams } = new URL(request.url);
    const headers = Object.entries(JSON.parse(searchParams.get('h') ?? '{}')).flatMap(([name, values]) => [values].flat().map((value) => [name, value]));
    if (request.headers.has('x-link')) headers.push(['link', request.headers.get('x-link')]);
    return new Response(null, { status: Number(searchParams.get('s') ?? 200), headers });
  },
}`;
const NAVIGATES = { 'sec-fetch-mode': 'navigate' };

/** Where the platform sends nothing before a response, the rule is one that does nothing. */
export function earlyHintsCases(host: () => TestHost): void {
  const sent = (...links: string[]) => (host().platform === 'node' && links.length > 0 ? [[103, ...links]] : []);
  const query = (headers: object, status = 200) => `?s=${status}&h=${encodeURIComponent(JSON.stringify(headers))}`;

  async function open(rule: unknown = true, manifest: Record<string, unknown> = {}) {
    const fn = await publish(host(), SOURCE, { manifest: { gateway: [{ early_hints: rule }], ...manifest } });
    const ask = (path = '', headers: Record<string, string> = {}, options: InformedOptions = {}) =>
      informed(fn.url + path, { ...options, headers: { ...NAVIGATES, ...headers } });
    return { ...fn, ask, hints: async (...args: Parameters<typeof ask>) => (await ask(...args)).before };
  }

  describe('early hints', () => {
    it('are the links of the response before, to a browser that asks for a page', async () => {
      const { hints, ask } = await open();
      const said = query({ link: [`${STYLE}, </next>; rel=next`, FONTS], 'x-else': 'a' });
      expect(await hints(said)).toEqual([]);
      expect(await ask(said)).toMatchObject({ status: 200, before: sent(STYLE, FONTS) });
      expect(await hints(said)).toEqual(sent(STYLE, FONTS));
    });

    it('are forgotten when the function does not give them any more', async () => {
      const { hints } = await open();
      const [one, other] = [{ 'x-link': STYLE }, { 'x-link': FONTS }];
      expect([await hints('page', one), await hints('page', other), await hints('page'), await hints('page')]).toEqual([
        [],
        sent(STYLE),
        sent(FONTS),
        [],
      ]);
    });

    it.each([200, 301, 302])('are kept of a response with %i', async (status) => {
      const { hints } = await open();
      const said = query({ link: STYLE, location: '/other' }, status);
      await hints(said);
      expect(await hints(said)).toEqual(sent(STYLE));
    });

    it.each<[string, object, number?]>([
      ['with another status', {}, 404],
      ['with 201', {}, 201],
      ['for one client', { 'cache-control': 'private' }],
      ['whose links are for one client', { 'cache-control': 'max-age=5, private="link"' }],
      ['that may not be kept', { 'cache-control': 'no-store' }],
      ['that may not be kept by a shared cache', { 'cdn-cache-control': 'no-store', 'cache-control': 'max-age=60' }],
      ['with cookies', { 'set-cookie': 'a=1' }],
      ['that is never the same', { vary: '*' }],
      ['without a link for it', { link: '</b>; rel="stylesheet next"' }],
      ['with a link about something else', { link: `${STYLE}; anchor="/other"` }],
      ['with a link in other characters', { link: `${STYLE}; title="\u00e9"` }],
    ])('are not kept of a response %s', async (_what, headers, status) => {
      const { hints } = await open();
      const said = query({ link: STYLE, ...headers }, status);
      await hints(said);
      expect(await hints(said)).toEqual([]);
    });

    it('are kept of no request that says who asks, and not given to one', async () => {
      const { hints } = await open();
      const said = query({ link: STYLE });
      await hints(said, { authorization: 'Basic YTpi' });
      expect([await hints(said), await hints(said, { authorization: 'Basic YTpi' }), await hints(said)]).toEqual([[], [], sent(STYLE)]);
    });

    it('go to those whose request is the same by what the response varies by', async () => {
      const { hints } = await open();
      const said = query({ link: STYLE, vary: 'Cookie, Accept-Encoding' });
      await hints(said, { cookie: 'a=1', 'accept-encoding': 'br' });
      expect([await hints(said, { cookie: 'a=1' }), await hints(said, { cookie: 'a=2' }), await hints(said)]).toEqual([
        sent(STYLE),
        [],
        [],
      ]);
    });

    it('are those of the URL without its query, but where that has others', async () => {
      const { hints } = await open();
      await hints('page', { 'x-link': STYLE });
      expect(await hints('page?a=1', { 'x-link': STYLE })).toEqual(sent(STYLE));
      expect(await hints('page?a=2', { 'x-link': FONTS })).toEqual(sent(STYLE));
      expect([await hints('page?a=2', { 'x-link': FONTS }), await hints('page?a=1'), await hints('page'), await hints('other')]).toEqual([
        sent(FONTS),
        sent(STYLE),
        sent(STYLE),
        [],
      ]);
    });

    it.each<[string, Record<string, string>, string?]>([
      ['a script', { 'sec-fetch-mode': 'cors' }],
      ['a client of HTTP/1.1 that may not know them', { 'sec-fetch-mode': '' }],
      ['HEAD', {}, 'HEAD'],
      ['POST', {}, 'POST'],
    ])('do not go to %s', async (_what, headers, method = 'GET') => {
      const { hints, ask } = await open({ links: [FONTS] });
      const said = query({ link: STYLE });
      await hints(said);
      expect((await ask(said, headers, { method })).before).toEqual([]);
    });

    it('do not go to a client of HTTP/1.0, nor to one that says no mode', async () => {
      const { url } = await open({ links: [STYLE] });
      const { pathname, host: at } = new URL(url);
      for (const [version, more] of [
        ['1.0', 'Sec-Fetch-Mode: navigate\r\n'],
        ['1.1', ''],
      ])
        expect((await exchange(url, `GET ${pathname} HTTP/${version}\r\nHost: ${at}\r\n${more}\r\n`)).answers).toMatchObject([
          { status: 200 },
        ]);
    });

    it('are those that the rule names, before the function has said anything', async () => {
      const { hints } = await open({ links: [STYLE], learn: false });
      const said = query({ link: FONTS });
      expect([await hints(said), await hints(said), await hints(said, { authorization: 'a' })]).toEqual([
        sent(STYLE),
        sent(STYLE),
        sent(STYLE),
      ]);
    });

    it('are one response where both have some', async () => {
      const { hints } = await open({ links: [STYLE] });
      const said = query({ link: [FONTS, STYLE] });
      expect([await hints(said), await hints(said)]).toEqual([sent(STYLE), sent(STYLE, FONTS)]);
    });

    it('begin anew with another version', async () => {
      const { hints, name } = await open();
      await hints('page', { 'x-link': STYLE });
      await publish(host(), `${SOURCE}\n// 2`, { name, alias: 'live', manifest: { gateway: [{ early_hints: true }] } });
      expect([await hints('page', { 'x-link': STYLE }), await hints('page')]).toEqual([[], sent(STYLE)]);
    });

    it('wait until it is known who may call', async () => {
      const auth = { keys: {} };
      const { hints } = await open(true, { gateway: [{ auth, early_hints: { links: [STYLE] } }] });
      expect(await hints()).toEqual([]);
    });

    it('do so for rules that stand before others too', async () => {
      const { hints, name } = await open(true, { gateway: [{ auth: { keys: {}, optional: true } }] });
      await host().admin.putGateway(name, [{ early_hints: { links: [STYLE] } }]);
      expect([await hints('', { 'x-link': FONTS }), await hints()]).toEqual([[], []]);
    });

    it('are one response for all sets of rules', async () => {
      const { hints, name } = await open({ links: [STYLE] });
      await host().admin.putGateway(name, [{ early_hints: { links: [FONTS] }, request_headers: { set: { 'x-op': '1' } } }]);
      expect(await hints()).toEqual(sent(FONTS, STYLE));
    });

    it('are not there for what is answered from the cache at once', async () => {
      const { ask } = await open({ links: [STYLE] }, { gateway: [{ early_hints: { links: [STYLE] }, cache: true }] });
      const said = query({ 'cache-control': 'max-age=60' });
      expect([(await ask(said)).before, (await ask(said)).before]).toEqual([sent(STYLE), []]);
    });

    it('are not for who does not wait for the answer', async () => {
      const { ask } = await open({ links: [STYLE] }, { async: { enabled: true } });
      expect(await ask('', { prefer: 'wait=1, respond-async' })).toMatchObject({ status: 202, before: [] });
      expect((await ask()).before).toEqual(sent(STYLE));
    });

    it('do not come by a service binding', async () => {
      const callee = await open({ links: [STYLE] });
      const source = `export default { fetch: (request, env) => env.CALLEE.fetch(request) }`;
      const { url } = await publish(host(), source, {
        manifest: { services: [{ binding: 'CALLEE', service: callee.name, resilience: true }] },
      });
      expect(await informed(url, { headers: NAVIGATES })).toMatchObject({ status: 200, before: [] });
    });
  });
}
