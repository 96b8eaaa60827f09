import { describe, expect, it } from 'vitest';
import { eventually, publish, type TestHost } from './harness.ts';

/** Fails where its request says so, each version for itself. */
const source = (version: number) => `export default { fetch: (request) =>
  new Response('${version}', { status: new URL(request.url).searchParams.get('bad') === '${version}' ? 503 : 200 }) };`;

export function ejectionCases(host: () => TestHost): void {
  describe('a version that is ejected', () => {
    const split = async (weights: readonly number[], { rule = {}, sticky = false, open = '10m' as string | number } = {}) => {
      const manifest = { gateway: [{ circuit_breaker: { minimum: 2, errors: 0.5, open, eject: true, ...rule } }] };
      const { name } = await publish(host(), source(1), { manifest });
      for (let version = 2; version <= weights.length; version++) await publish(host(), source(version), { name, manifest });
      const versions = weights.map((weight, index) => ({ version: index + 1, weight }));
      await host().admin.moveAlias(name, 'split', { versions, ...(sticky && { sticky: { by: 'header', name: 'x-user' } as const }) });
      const url = `${host().url}/${name}@split/`;
      await eventually(async () => ((await fetch(url)).status === 200 ? true : undefined));
      const send = async (query = '', user = '') => {
        const response = await fetch(`${url}?${query}`, { headers: { 'x-user': user } });
        return { status: response.status, text: await response.text() };
      };
      const many = async (count: number, query = '') => {
        const seen: string[] = [];
        for (let each = 0; each < count; each++) {
          const { status, text } = await send(query);
          seen.push(status === 200 ? text : String(status));
        }
        return seen;
      };
      return { name, send, many };
    };

    it('fails a few requests, and then its weight is the others’', async () => {
      const { name, many } = await split([60, 40]);
      const seen = await many(60, 'bad=2');
      // One where the request before, which succeeded, was its own.
      expect([1, 2]).toContain(seen.filter((each) => each === '503').length);
      expect(seen.slice(-20)).toEqual(Array.from({ length: 20 }, () => '1'));
      const events = await eventually(() => {
        const found = host().events.filter((event) => event.type === 'circuit' && event.function === name);
        return found.length > 0 ? found : undefined;
      });
      expect(events).toMatchObject([{ state: 'open', version: 2 }]);
      // By its number it is asked itself.
      expect((await (await fetch(`${host().url}/${name}@2/`)).json()) as object).toMatchObject({ code: 'circuit-open' });
    });

    it('comes back when a probe has succeeded', async () => {
      const { many } = await split([50, 50], { open: 100 });
      await many(30, 'bad=2');
      const again = await eventually(async () => {
        const seen = await many(10);
        return seen.includes('2') && seen.includes('1') ? seen : undefined;
      });
      expect(again).not.toContain('503');
    });

    it('stays out while probes fail, and no more than one request at a time finds that out', async () => {
      const { many } = await split([50, 50], { open: 300 });
      await many(30, 'bad=2');
      const begun = performance.now();
      const seen = await many(40, 'bad=2');
      const probes = (performance.now() - begun) / 300;
      expect(seen.filter((each) => each === '503').length).toBeLessThanOrEqual(2 + probes);
    });

    it.each([
      ['stays where more than the cap would be out', {}, '503'],
      ['goes where the cap allows it', { eject: { most: 0.6 } }, '1'],
    ])('%s', async (_what, rule, expected) => {
      const { many } = await split([40, 60], { rule });
      const seen = await many(60, 'bad=2');
      expect(new Set(seen.slice(-30))).toEqual(new Set(['1', expected]));
    });

    it('is not replaced where all of them fail', async () => {
      const { many, send } = await split([50, 50], { rule: { errors: 0.1, eject: { most: 1 } } });
      await many(20, 'bad=1');
      await many(10, 'bad=2');
      expect((await send()).status).toBe(503);
    });

    it('leaves those who are kept on another version where they are, and gets its own back', async () => {
      const { send } = await split([50, 50], { sticky: true, open: 5_000, rule: { errors: 0.2 } });
      const users = Array.from({ length: 16 }, (_, index) => `user-${index}`);
      const versions = async (query = '') => Promise.all(users.map(async (user) => (await send(query, user)).text));
      const before = await versions();
      expect(new Set(before)).toEqual(new Set(['1', '2']));
      for (const user of users) await send('bad=2', user);
      const meanwhile = await Promise.all(users.map((user) => send('', user)));
      expect(meanwhile.map(({ text, status }) => [text, status])).toEqual(users.map(() => ['1', 200]));
      await eventually(async () => ((await versions()).join() === before.join() ? true : undefined));
    });
  });
}
