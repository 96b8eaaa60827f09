import { beforeAll, describe, expect, it } from 'vitest';
import { createAdminClient } from '../../host/admin/client.ts';
import type { TestHost } from './harness.ts';
import { becomes, isOver, publishPair } from './release-traffic.ts';

export function releaseFreezeCases(current: () => TestHost): void {
  let host: TestHost;
  beforeAll(() => {
    host = current();
  });

  const all = (version: number) => [{ version, weight: 100 }];
  const saying = (said: Parameters<typeof createAdminClient>[0]['said']) =>
    createAdminClient({ url: host.url, token: host.token, ...(said && { said }) });
  const soon = () => ({ from: Date.now() - 1_000, to: Date.now() + 60_000 });

  describe('a freeze', () => {
    it('refuses what moves an alias of its function, until someone says why it has to', async () => {
      const { name, version } = await publishPair(host);
      const other = await publishPair(host);
      const freeze = await host.admin.putFreeze('sale', { function: name, reason: 'the sale', window: soon() });
      expect(freeze).toMatchObject({ id: 'sale', function: name, by: 'token', until: expect.any(Number) });
      try {
        const frozen = { code: 'frozen', details: { function: name, freeze: 'sale', until: freeze.until } };
        await expect(host.admin.moveAlias(name, 'live', { versions: all(version) })).rejects.toMatchObject(frozen);
        await expect(host.admin.rollback(name, 'live')).rejects.toMatchObject(frozen);
        await expect(host.admin.removeAlias(name, 'live')).rejects.toMatchObject(frozen);
        await expect(host.admin.removeFunction(name)).rejects.toMatchObject(frozen);
        await expect(host.admin.askRelease(name, { to: version })).rejects.toMatchObject(frozen);
        await host.admin.moveAlias(other.name, 'live', { versions: all(other.version) });
        const client = saying({ actor: 'Zoë', reason: 'prices were wrong', overrideFreeze: 'the sale needs it' });
        await client.moveAlias(name, 'live', { versions: all(version) });
        expect((await host.admin.history(name))[0]).toMatchObject({
          alias: 'live',
          from: all(1),
          to: all(version),
          by: 'token (Zoë)',
          why: 'prices were wrong',
          overrideFreeze: 'the sale needs it',
        });
      } finally {
        await host.admin.removeFreeze('sale');
      }
      expect((await host.admin.rollback(name, 'live')).versions).toEqual(all(1));
      await expect(host.admin.removeFreeze('sale')).rejects.toMatchObject({ code: 'freeze-not-found' });
    });

    it('for all functions holds again and again, as its cron expression says, and refuses a release that would begin in it', async () => {
      const { name, version } = await publishPair(host);
      // The first of January at noon is in it, and now is not.
      const window = { cron: '0 0 1 1 *', timezone: 'UTC', lasts: 86_400_000 };
      await host.admin.putFreeze('new-year', { reason: 'new year', window });
      try {
        const noon = Date.UTC(new Date().getUTCFullYear() + 1, 0, 1, 12);
        const listed = (await host.admin.freezes()).find(({ id }) => id === 'new-year');
        expect(listed).toMatchObject({ function: null, window, until: null });
        await expect(host.admin.askRelease(name, { to: version, at: noon })).rejects.toMatchObject({ code: 'frozen' });
        const { id } = await host.admin.askRelease(name, { to: version });
        expect((await becomes(host, { name, id }, isOver)).state).toBe('done');
      } finally {
        await host.admin.removeFreeze('new-year');
      }
    });

    it.each([
      ['ends before it begins', { reason: 'x', window: { from: 2, to: 1 } }, 'freeze-invalid'],
      ['has a cron expression that is none', { reason: 'x', window: { cron: 'every day', lasts: 3_600_000 } }, 'freeze-invalid'],
      ['is in no time zone', { reason: 'x', window: { cron: '0 0 * * *', timezone: 'Mars/Base', lasts: 3_600_000 } }, 'freeze-invalid'],
      ['says no reason', { reason: ' ', window: { from: 1, to: 2 } }, 'freeze-invalid'],
      ['has no window', { reason: 'x', window: {} as never }, 'bad-request'],
    ])('that %s is refused', async (_name, freeze, code) => {
      await expect(host.admin.putFreeze('odd', freeze)).rejects.toMatchObject({ code });
    });
  });

  describe('the history', () => {
    it('has each move of an alias with its time, its hand and its reason, the newest first', async () => {
      const { name, version } = await publishPair(host);
      const began = Date.now();
      await saying({ reason: 'a try' }).moveAlias(name, 'beta', { versions: all(version) });
      await saying({ actor: 'anna' })
        .rollback(name, 'live')
        .catch(() => {});
      await host.admin.removeAlias(name, 'beta');
      const moves = await host.admin.history(name);
      expect(moves.map(({ alias, from, to, by, why, revision }) => [alias, from, to, by, why, revision])).toEqual([
        ['beta', all(version), null, 'token', null, 1],
        ['beta', null, all(version), 'token', 'a try', 1],
        ['live', null, all(1), 'token', null, 1],
      ]);
      expect(moves[0]!.time).toBeGreaterThanOrEqual(began - 1_000);
    });

    it('takes no text that is none for who or why', async () => {
      const { name, version } = await publishPair(host);
      for (const reason of ['a\nb', 'x'.repeat(201)]) {
        await expect(saying({ reason }).moveAlias(name, 'live', { versions: all(version) })).rejects.toMatchObject({ code: 'bad-request' });
      }
    });
  });
}
