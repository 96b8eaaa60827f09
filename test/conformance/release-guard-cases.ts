import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ReleaseEvent } from '../../host/observe/events.ts';
import { eventually, type TestHost } from './harness.ts';
import { becomes, isOver, publishPair, sendTraffic } from './release-traffic.ts';

export function releaseGuardCases(current: () => TestHost): void {
  let host: TestHost;
  beforeAll(() => {
    host = current();
  });

  const eventsOf = (name: string) =>
    host.events.filter((event): event is ReleaseEvent => event.type === 'release' && event.function === name);

  describe('with a guard', () => {
    it('a version that is as good goes live step by step', async () => {
      const { name, version, url } = await publishPair(host);
      const traffic = sendTraffic(url);
      onTestFinished(traffic.stop);
      const { id } = await host.admin.askRelease(name, {
        to: version,
        steps: [20, 50, 100],
        every: 1_000,
        guard: 'error_rate<1% && p95<50x && requests>=50',
      });
      const release = await becomes(host, { name, id }, isOver);
      await traffic.stop();
      expect([release.state, release.verdict?.reason]).toEqual(['done', 'all steps are done, within the guard']);
      expect((await host.admin.alias(name, 'live')).versions).toEqual([{ version, weight: 100 }]);
      const [rate] = release.figures;
      expect(rate).toMatchObject({ term: 'error_rate<1%', new: { value: 0 }, limit: 0.01, needed: 200 });
      expect(rate!.new.requests).toBeGreaterThanOrEqual(50);
      expect(traffic.seen['failed']).toBeUndefined();
      const moves = (await host.admin.history(name)).filter(({ by }) => by === `release ${id}`);
      expect(moves.map(({ to }) => to!.at(-1)!.weight)).toEqual([100, 50, 20]);
      await eventually(() => (eventsOf(name).some(({ change }) => change === 'done') ? true : undefined));
      // A busy machine may have it wait for its requests in between.
      const told = eventsOf(name).filter(({ change }) => change !== 'held');
      expect(told.map(({ change, weight }) => [change, weight])).toEqual([
        ['asked', 0],
        ['moved', 20],
        ['moved', 50],
        ['moved', 100],
        ['done', 100],
      ]);
    });

    it('a version that fails 5 % of its requests is rolled back, and the verdict has the figures', async () => {
      const { name, version, url } = await publishPair(host, { bad: `if (calls % 20 === 0) return new Response('no', { status: 500 });` });
      const traffic = sendTraffic(url);
      onTestFinished(traffic.stop);
      const { id } = await host.admin.askRelease(name, { to: version, steps: [50, 100], every: 60_000, guard: 'error_rate<1%' });
      const release = await becomes(host, { name, id }, isOver);
      await traffic.stop();
      expect(release.state).toBe('rolled-back');
      expect((await host.admin.alias(name, 'live')).versions).toEqual([{ version: 1, weight: 100 }]);
      const [rate] = release.figures;
      expect(rate!.evidence).toBeGreaterThanOrEqual(rate!.needed);
      expect(rate!.new.value).toBeGreaterThan(0.02);
      expect(rate!.old.value).toBe(0);
      expect(release.verdict!.reason).toMatch(/^error_rate<1% is broken: \d/);
      await eventually(() => eventsOf(name).find(({ change, reason }) => change === 'rolled-back' && reason === release.verdict!.reason));
    });

    it('a version that throws is rolled back, and one that answers 400 is not', async () => {
      const thrower = await publishPair(host, { bad: `throw new Error('no');` });
      const refuser = await publishPair(host, { bad: `return new Response('bad', { status: 400 });` });
      const traffic = [sendTraffic(thrower.url, 2), sendTraffic(refuser.url, 2)];
      onTestFinished(async () => void (await Promise.all(traffic.map((each) => each.stop()))));
      const plan = { steps: [50, 100], every: 1_000, guard: 'error_rate<2x && requests>=30' };
      const asked = await host.admin.askRelease(thrower.name, { ...plan, every: 60_000, to: thrower.version });
      const fine = await host.admin.askRelease(refuser.name, { ...plan, to: refuser.version });
      expect((await becomes(host, { name: thrower.name, id: asked.id }, isOver)).state).toBe('rolled-back');
      expect((await becomes(host, { name: refuser.name, id: fine.id }, isOver)).state).toBe('done');
      await Promise.all(traffic.map((each) => each.stop()));
    });

    it('a version that is slow is rolled back', async () => {
      const { name, version, url } = await publishPair(host, { bad: `await new Promise((resolve) => setTimeout(resolve, 60));` });
      const traffic = sendTraffic(url, 16);
      onTestFinished(traffic.stop);
      const { id } = await host.admin.askRelease(name, { to: version, steps: [50, 100], every: 60_000, guard: 'p95<60ms && p50<1.5x' });
      const release = await becomes(host, { name, id }, isOver);
      await traffic.stop();
      expect([release.state, release.verdict?.reason]).toEqual(['rolled-back', expect.stringMatching(/^p(95<60ms|50<1.5x) is broken/)]);
    });

    it('all at once, a version that fails is rolled back by itself, with nothing to compare it with', async () => {
      const { name, version, url } = await publishPair(host, { bad: `if (calls % 4 === 0) return new Response('no', { status: 502 });` });
      const traffic = sendTraffic(url, 2);
      onTestFinished(traffic.stop);
      const { id } = await host.admin.askRelease(name, { to: version, every: 60_000, guard: 'error_rate<1%' });
      const release = await becomes(host, { name, id }, isOver);
      await traffic.stop();
      expect(release.state).toBe('rolled-back');
      expect((await host.admin.alias(name, 'live')).versions).toEqual([{ version: 1, weight: 100 }]);
    });

    it('does not go by requests that name their version', async () => {
      const { name, version, url } = await publishPair(host, { bad: `return new Response('no', { status: 500 });` });
      const { id } = await host.admin.askRelease(name, { to: version, steps: [1, 100], every: 60_000, guard: 'error_rate<1%' });
      await becomes(host, { name, id }, ({ step }) => step === 0);
      // The registry may be read a second later.
      await eventually(async () => ((await fetch(url), await host.admin.release(name, id)).figures[0]?.old.requests ? true : undefined));
      const before = (await host.admin.release(name, id)).figures[0]!;
      for (let index = 0; index < 40; index++) await fetch(url, { headers: { 'brink-version': String(version) } });
      for (let index = 0; index < 40; index++) await fetch(url);
      const { figures } = await becomes(host, { name, id }, (release) => release.figures[0]!.old.requests >= before.old.requests + 38);
      expect(figures[0]!.new.requests).toBeLessThanOrEqual(2);
      await host.admin.changeRelease(name, id, { to: 'abort' });
    });

    it('waits where there are too few requests, and says so', async () => {
      const { name, version, url } = await publishPair(host);
      const { id } = await host.admin.askRelease(name, { to: version, steps: [50, 100], every: 1_000, guard: 'error_rate<1%' });
      for (let index = 0; index < 10; index++) await fetch(url);
      const release = await becomes(host, { name, id }, ({ hold }) => hold !== null);
      expect([release.state, release.step, release.hold]).toEqual([
        'running',
        0,
        expect.stringMatching(/^too few requests: the new version has had \d+ of 100/),
      ]);
      await eventually(() => eventsOf(name).find(({ change }) => change === 'held'));
      await host.admin.changeRelease(name, id, { to: 'abort' });
      expect((await host.admin.alias(name, 'live')).versions).toEqual([{ version: 1, weight: 100 }]);
    });
  });
}
