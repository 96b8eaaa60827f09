import { beforeAll, describe, expect, it } from 'vitest';
import type { TestHost } from './harness.ts';
import { becomes, markAt, publishMirrors, refusal, seenBy } from './traffic-mirror.ts';

type Sticky = { by: 'header' | 'cookie'; name: string } | { by: 'address' };

export function choiceCases(current: () => TestHost): void {
  let host: TestHost;
  beforeAll(() => {
    host = current();
  });

  const split = async (weights: readonly [number, number], sticky?: Sticky) => {
    const { name, digests } = await publishMirrors(host, 'one', 'two');
    const versions = weights.map((weight, index) => ({ version: index + 1, weight }));
    await host.admin.moveAlias(name, 'split', { versions, ...(sticky && { sticky }) });
    return { name, digests, path: `/${name}@split/` };
  };
  const countOf = async (times: number, ask: (index: number) => Promise<string>) => {
    const counts: Record<string, number> = {};
    for (let index = 0; index < times; index++) {
      const mark = await ask(index);
      counts[mark] = (counts[mark] ?? 0) + 1;
    }
    return counts;
  };

  describe('weights', () => {
    it('are kept exactly: 90 and 10 of 100 requests', async () => {
      const { path } = await split([90, 10]);
      expect(await countOf(100, () => markAt(host, path))).toEqual({ one: 90, two: 10 });
    });

    it('are kept exactly by requests that come at once', async () => {
      const { path } = await split([75, 25]);
      const marks = await Promise.all(Array.from({ length: 40 }, () => markAt(host, path)));
      expect([marks.filter((mark) => mark === 'one').length, marks.filter((mark) => mark === 'two').length]).toEqual([30, 10]);
    });

    it('say which version answers in ctx.brink, with the alias that was asked for', async () => {
      const { path } = await split([50, 50]);
      for (let index = 0; index < 4; index++) {
        const { mark, brink } = await seenBy(host, { path });
        expect(brink).toMatchObject({ alias: 'split', version: mark === 'one' ? 1 : 2 });
      }
    });

    it('of 100 for one version leave the other nothing', async () => {
      const { name } = await split([50, 50]);
      await host.admin.moveAlias(name, 'split', { versions: [{ version: 2, weight: 100 }] });
      await becomes(host, () => countOf(20, () => markAt(host, `/${name}@split/`)), { two: 20 });
    });
  });

  describe('a sticky alias', () => {
    it('keeps who sends the same header on one version', async () => {
      const { path } = await split([50, 50], { by: 'header', name: 'X-Tenant' });
      for (let tenant = 0; tenant < 10; tenant++) {
        const counts = await countOf(5, () => markAt(host, path, { 'x-tenant': `tenant-${tenant}` }));
        expect(Object.values(counts)).toEqual([5]);
      }
    });

    it('spreads different values over all versions, about as the weights say', async () => {
      const { path } = await split([50, 50], { by: 'header', name: 'x-tenant' });
      const { one = 0, two = 0 } = await countOf(200, (index) => markAt(host, path, { 'x-tenant': `tenant-${index}` }));
      expect(one + two).toBe(200);
      expect(Math.min(one, two)).toBeGreaterThan(60);
    });

    it('keeps who sends the same cookie on one version, whatever cookies stand beside it', async () => {
      const { path } = await split([50, 50], { by: 'cookie', name: 'session' });
      for (let session = 0; session < 10; session++) {
        const ask = (before: string, after: string) => markAt(host, path, { cookie: `${before}session=s${session}${after}` });
        const mark = await ask('', '');
        expect([await ask('a=1; ', ''), await ask('', '; theme=dark'), await ask('xsession=other; ', '; sessionx=other')]).toEqual([
          mark,
          mark,
          mark,
        ]);
      }
    });

    it('keeps a client on one version by its address', async () => {
      const { path } = await split([50, 50], { by: 'address' });
      expect(Object.values(await countOf(20, () => markAt(host, path)))).toEqual([20]);
    });

    it('deals by weight to those who do not send what it goes by', async () => {
      const { path } = await split([50, 50], { by: 'header', name: 'x-tenant' });
      expect(await countOf(20, () => markAt(host, path))).toEqual({ one: 10, two: 10 });
      const cookies = await split([50, 50], { by: 'cookie', name: 'session' });
      expect(await countOf(20, () => markAt(host, cookies.path, { cookie: 'other=1' }))).toEqual({ one: 10, two: 10 });
    });

    it('stays sticky when it moves, until it is told not to be', async () => {
      const { name, path } = await split([50, 50], { by: 'header', name: 'x-tenant' });
      const even = [
        { version: 1, weight: 50 },
        { version: 2, weight: 50 },
      ];
      expect((await host.admin.moveAlias(name, 'split', { versions: even })).sticky).toEqual({ by: 'header', name: 'x-tenant' });
      expect((await host.admin.moveAlias(name, 'split', { versions: even, sticky: null })).sticky).toBeNull();
      await becomes(host, () => countOf(20, () => markAt(host, path, { 'x-tenant': 'a' })), { one: 10, two: 10 });
    });
  });

  describe('Brink-Version', () => {
    it('names the version instead of the alias, by number and by digest', async () => {
      const { name, digests } = await publishMirrors(host, 'one', 'two');
      expect(await markAt(host, `/${name}/`, { 'brink-version': '2' })).toBe('two');
      expect(await markAt(host, `/${name}/`, { 'Brink-Version': digests[1]!.slice(0, 8) })).toBe('two');
      expect(await markAt(host, `/${name}/`, { 'BRINK-VERSION': digests[1]! })).toBe('two');
      const { brink, headers } = await seenBy(host, { path: `/${name}/`, headers: { 'brink-version': '2' } });
      expect(brink).toMatchObject({ alias: 'live', version: 2 });
      expect(headers).toMatchObject({ 'brink-version': '2' });
    });

    it('does not change what the URL names itself', async () => {
      const { name } = await publishMirrors(host, 'one', 'two');
      expect(await markAt(host, `/${name}@1/`, { 'brink-version': '2' })).toBe('one');
    });

    it.each([
      ['99', 404, 'version-not-found'],
      ['00000000', 404, 'version-not-found'],
      ['live', 404, 'version-not-found'],
      ['-1', 404, 'version-not-found'],
    ])('that names none is refused: %s', async (wanted, status, code) => {
      const { name } = await publishMirrors(host, 'one');
      expect(await refusal(host, { path: `/${name}/`, headers: { 'brink-version': wanted } })).toEqual([status, code]);
    });

    it('does not reach a version of another function', async () => {
      const { name } = await publishMirrors(host, 'one');
      const other = await publishMirrors(host, 'one', 'two');
      expect(await refusal(host, { path: `/${name}/`, headers: { 'brink-version': other.digests[1]! } })).toEqual([
        404,
        'version-not-found',
      ]);
    });
  });
}
