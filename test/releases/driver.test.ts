import { describe, expect, it } from 'vitest';
import { openHosts } from './hosts.ts';

const all = (version: number) => [{ version, weight: 100 }];

describe('releases of hosts that share a store', () => {
  it('move an alias once for each step, whoever is first, and tell it once', async () => {
    const { hosts, ask, step } = await openHosts(3);
    await ask();
    const weights: number[] = [];
    for (let index = 0; index < 8; index++) weights.push((await step(5_000)).weights.at(-1)!.weight);
    expect(weights).toEqual([10, 10, 50, 50, 100, 100, 100, 100]);
    const { release } = await step(0);
    expect([release.state, release.aliasRevision]).toEqual(['done', 4]);
    const told = hosts.flatMap(({ events }) => events);
    expect(told.map(({ change }) => change)).toEqual(expect.arrayContaining(['asked', 'moved', 'done']));
    expect(told).toHaveLength(5);
    const { moves } = await hosts[1]!.registry.get('fn');
    expect(moves!.map(({ by, revision }) => [by, revision])).toEqual([
      ['release 1', 4],
      ['release 1', 3],
      ['release 1', 2],
      ['host', 1],
    ]);
  });

  it('add up what all of them have counted, each request once', async () => {
    const { hosts, ask, step } = await openHosts(3);
    await ask({ guard: 'error_rate<50% && requests>=90' });
    await step(0);
    for (let index = 0; index < 4; index++) {
      for (const host of hosts) {
        host.answered(1, { good: 50, failed: 10 });
        host.answered(2, { good: 9, failed: 1 });
        host.answered(3, { good: 1000 });
      }
      await step(2_000);
    }
    const [host] = hosts;
    const { releases } = await host!.registry.get('fn');
    const { figures } = await host!.releases.progress('fn', releases![0]!);
    expect(figures[0]).toMatchObject({ old: { requests: 720, value: 0.1667 }, new: { requests: 120, value: 0.1 }, limit: 0.5 });
  });

  it('roll back what is shown on all of them together, and on none alone', async () => {
    const run = async (count: number) => {
      const { hosts, ask, step } = await openHosts(count);
      await ask({ guard: 'error_rate<1%', every: 60_000 });
      await step(0);
      for (let index = 0; index < 10; index++) {
        for (const host of hosts) {
          host.answered(1, { good: 27 });
          host.answered(2, { good: index % 3 === 0 ? 2 : 3, failed: index % 3 === 0 ? 1 : 0 });
        }
        const { release } = await step(2_500);
        if (release.state !== 'running') return release.state;
      }
      return 'running';
    };
    expect([await run(1), await run(4)]).toEqual(['running', 'rolled-back']);
  });

  it('do not say that a new version is worse where the old one fails as often at the same time', async () => {
    const { hosts, ask, step } = await openHosts(1);
    await ask({ guard: 'error_rate<1%', every: 60_000 });
    await step(0);
    for (let index = 0; index < 20; index++) {
      const failed = index >= 5 && index < 15;
      hosts[0]!.answered(1, failed ? { good: 45, failed: 45 } : { good: 90 });
      hosts[0]!.answered(2, failed ? { good: 5, failed: 5 } : { good: 10 });
      expect((await step(2_500)).release.state).toBe('running');
    }
    const { release, weights } = await step(20_000);
    expect([release.state, release.step, weights.length]).toEqual(['running', 0, 2]);
    const { hold } = await hosts[0]!.releases.progress('fn', release);
    expect(hold).toMatch(/^error_rate<1% is not met, and may be so by chance: 25% of 200 requests/);
  });

  it('wait in a freeze, and still roll back in it', async () => {
    const { hosts, ask, step, clock } = await openHosts(1);
    const [host] = hosts;
    const window = { from: clock.time + 5_000, to: clock.time + 100_000 };
    await ask({ guard: 'error_rate<1% && requests>=1' });
    await step(0);
    await host!.freezes.add({ id: 'now', function: null, reason: 'sale', window, by: 'token' });
    host!.answered(1, { good: 100 });
    host!.answered(2, { good: 100 });
    expect((await step(11_000)).release.step).toBe(0);
    expect(host!.events.at(-1)).toMatchObject({ change: 'held', reason: expect.stringContaining('frozen: sale, until') });
    for (let index = 0; index < 3; index++) {
      host!.answered(1, { good: 100 });
      host!.answered(2, { good: 50, failed: 50 });
      await step(5_000);
    }
    const { release, weights } = await step(0);
    expect([release.state, weights]).toEqual(['rolled-back', all(1)]);
  });

  it('go on after a freeze, and through one where someone has said why', async () => {
    for (const overrideFreeze of [null, 'the fix for it']) {
      const { hosts, ask, step, clock } = await openHosts(1);
      await ask();
      await step(0);
      const { registry, freezes, releases } = hosts[0]!;
      await freezes.add({ id: 'now', function: 'fn', reason: 'sale', window: { from: 0, to: clock.time + 50_000 }, by: 'token' });
      await expect(
        releases.ask('fn', { alias: 'live', to: 3, steps: [100], every: 1_000, guard: '' }, { by: 'token' }),
      ).rejects.toMatchObject({ code: 'frozen' });
      if (overrideFreeze !== null) {
        await registry.change('fn', (record) => ({ ...record, releases: record.releases!.map((each) => ({ ...each, overrideFreeze })) }));
      }
      expect((await step(10_000)).release.step).toBe(overrideFreeze === null ? 0 : 1);
      expect((await step(50_000)).release.step).toBe(overrideFreeze === null ? 1 : 2);
    }
  });

  it('say when they are to be called next, and nothing once all is over', async () => {
    const { ask, asked, step, clock } = await openHosts(1);
    const at = clock.time + 60_000;
    await ask({ startAt: at, steps: [50, 100] });
    // Asked for before the release is written too: a crash between is then looked at.
    expect(asked).toEqual([clock.time + 5_000, clock.time]);
    expect((await step(0)).next).toEqual([at]);
    expect((await step(60_000)).next).toEqual([at]);
    expect((await step(0)).next).toEqual([at + 10_000]);
    await step(10_000);
    await step(0);
    expect((await step(0)).next).toEqual([null]);
  });

  it('leave nothing of what was counted behind', async () => {
    const { hosts, ask, step } = await openHosts(2);
    await ask({ guard: 'error_rate<50% && requests>=1', steps: [50, 100] });
    await step(0);
    for (let index = 0; index < 8; index++) {
      for (const host of hosts) for (const version of [1, 2]) host.answered(version, { good: 100 });
      await step(6_000);
    }
    const { release } = await step(0);
    expect(release.state).toBe('done');
    const { store } = hosts[0]!;
    await step(0);
    expect((await store.list({ prefix: 'release-' })).keys).toEqual([]);
  });

  it('end where someone else moves their alias, and touch it no more', async () => {
    const { hosts, ask, step } = await openHosts(2);
    await ask();
    await step(0);
    await hosts[1]!.registry.moveAlias('fn', 'live', { versions: all(3), hand: { by: 'token (anna)', why: 'a fire' } });
    const { release, weights, next } = await step(60_000);
    expect([release.state, release.verdict!.reason]).toEqual([
      'aborted',
      'live was moved to revision 3 by token (anna), and no more by the release',
    ]);
    expect([weights, next]).toEqual([all(3), [null, null]]);
    expect(hosts[1]!.events.at(-1)).toMatchObject({ change: 'aborted', release: 1 });
    const { moves } = await hosts[0]!.registry.get('fn');
    expect(moves![0]).toMatchObject({ by: 'token (anna)', why: 'a fire', to: all(3), revision: 3 });
  });

  it('end where the function or its version is gone', async () => {
    const { hosts, ask, step } = await openHosts(1);
    await ask();
    await step(0);
    await hosts[0]!.registry.removeAlias('fn', 'live');
    expect(await hosts[0]!.releases.due('fn')).toBeNull();
    expect((await hosts[0]!.registry.get('fn')).releases![0]!.state).toBe('aborted');
    await hosts[0]!.registry.removeFunction('fn');
    expect(await hosts[0]!.releases.due('fn')).toBeNull();
  });
});
