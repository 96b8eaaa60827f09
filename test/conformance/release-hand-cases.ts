import { beforeAll, describe, expect, it } from 'vitest';
import type { ReleaseEvent } from '../../host/observe/events.ts';
import { eventually, type TestHost } from './harness.ts';
import { becomes, isOver, publishPair } from './release-traffic.ts';

export function releaseHandCases(current: () => TestHost): void {
  let host: TestHost;
  beforeAll(() => {
    host = current();
  });

  const all = (version: number) => [{ version, weight: 100 }];

  // They wait more than they do.
  describe.concurrent('without a guard', () => {
    it('a release goes by time alone', async () => {
      const { name, version } = await publishPair(host);
      const { id } = await host.admin.askRelease(name, { to: version, steps: [10, 100], every: 1_000 });
      expect((await becomes(host, { name, id }, isOver)).state).toBe('done');
      const split = [
        { version: 1, weight: 90 },
        { version, weight: 10 },
      ];
      const [second, first, ...others] = await host.admin.history(name);
      expect([first!.to, second!.to, others.length]).toEqual([split, all(version), 1]);
      expect(second!.time - first!.time).toBeGreaterThanOrEqual(1_000);
    });

    it('blue-green: all at once, and back in one step', async () => {
      const { name, version, url } = await publishPair(host);
      const { id } = await host.admin.askRelease(name, { to: version });
      expect((await becomes(host, { name, id }, isOver)).state).toBe('done');
      await eventually(async () => ((await (await fetch(url)).text()) === `v${version}` ? true : undefined));
      expect((await host.admin.rollback(name, 'live')).versions).toEqual(all(1));
    });

    it('a version that is not well does not begin', async () => {
      const { name } = await publishPair(host);
      const { encodeArtifact } = await import('../../host/registry/artifact.ts');
      const { artifactOf } = await import('./harness.ts');
      const source = `export default { fetch: () => new Response('ill', { status: 503 }) };`;
      const { version } = await host.admin.publish(
        name,
        encodeArtifact(artifactOf(name, { 'index.js': source }, { health: { path: '/' } })),
      );
      const { id } = await host.admin.askRelease(name, { to: version });
      const release = await becomes(host, { name, id }, isOver);
      expect([release.state, release.verdict!.reason]).toEqual(['aborted', expect.stringContaining('answered 503')]);
      expect((await host.admin.alias(name, 'live')).versions).toEqual(all(1));
    });

    it('one that is asked for later begins then', async () => {
      const { name, version } = await publishPair(host);
      const at = Date.now() + 5_000;
      const { id, state } = await host.admin.askRelease(name, { to: version, at });
      expect(state).toBe('scheduled');
      const release = await becomes(host, { name, id }, isOver);
      expect(release.verdict!.time).toBeGreaterThanOrEqual(at);
      expect((await host.admin.alias(name, 'live')).movedAt).toBeGreaterThanOrEqual(at);
    });
  });

  describe.concurrent('a hand on a release', () => {
    const begun = async (every = 60_000) => {
      const pair = await publishPair(host);
      const { id } = await host.admin.askRelease(pair.name, { to: pair.version, steps: [10, 100], every });
      await becomes(host, { name: pair.name, id }, ({ step }) => step >= 0);
      return { ...pair, id };
    };

    it('pauses it, and has it go on', async () => {
      const { name, id } = await begun(4_000);
      const paused = await host.admin.changeRelease(name, id, { to: 'pause' });
      expect([paused.state, paused.step]).toEqual(['paused', 0]);
      await new Promise((resolve) => setTimeout(resolve, 4_300));
      expect((await host.admin.release(name, id)).step).toBe(0);
      await host.admin.changeRelease(name, id, { to: 'resume', ifRevision: paused.revision });
      expect((await becomes(host, { name, id }, isOver)).state).toBe('done');
    });

    it('aborts it, which moves the alias back', async () => {
      const { name, id } = await begun();
      const aborted = await host.admin.changeRelease(name, id, { to: 'abort' });
      expect([aborted.state, aborted.weight, aborted.verdict!.reason]).toEqual(['aborted', 0, 'aborted by token']);
      expect((await host.admin.alias(name, 'live')).versions).toEqual(all(1));
      await expect(host.admin.changeRelease(name, id, { to: 'resume' })).rejects.toMatchObject({ code: 'release-conflict' });
    });

    it('is refused where the release has changed meanwhile', async () => {
      const { name, id } = await begun();
      const { revision } = await host.admin.release(name, id);
      await host.admin.changeRelease(name, id, { to: 'pause' });
      await expect(host.admin.changeRelease(name, id, { to: 'abort', ifRevision: revision })).rejects.toMatchObject({
        code: 'release-conflict',
      });
    });

    it('that moves the alias ends the release, and the event says so', async () => {
      const { name, id, version } = await begun();
      await host.admin.moveAlias(name, 'live', { versions: all(version) });
      const release = await host.admin.release(name, id);
      expect([release.state, release.verdict!.reason]).toEqual([
        'aborted',
        expect.stringMatching(/^live was moved to revision \d+ by token/),
      ]);
      expect((await host.admin.alias(name, 'live')).versions).toEqual(all(version));
      await eventually(() =>
        host.events.find(
          (event): event is ReleaseEvent => event.type === 'release' && event.function === name && event.change === 'aborted',
        ),
      );
    });

    let common: ReturnType<typeof publishPair> | undefined;
    it.each([
      [{ steps: [] }, 'release-invalid'],
      [{ steps: [50, 20, 100] }, 'release-invalid'],
      [{ steps: [50] }, 'release-invalid'],
      [{ every: 10 }, 'release-invalid'],
      [{ guard: 'error_rate<1% || p95<2x' }, 'guard-invalid'],
      [{ to: 99 }, 'version-not-found'],
      [{ to: 1 }, 'release-invalid'],
      [{ alias: 'none' }, 'alias-not-found'],
      [{ ifRevision: 7 }, 'alias-conflict'],
    ])('that asks for what cannot be is refused: %o', async (asked, code) => {
      const { name, version } = await (common ??= publishPair(host));
      await expect(host.admin.askRelease(name, { to: version, ...asked })).rejects.toMatchObject({ code });
    });

    it('that asks for a second one is refused, and so is the removal of its version', async () => {
      const { name, version } = await begun();
      await expect(host.admin.askRelease(name, { to: version })).rejects.toMatchObject({ code: 'release-conflict' });
      const paired = await publishPair(host);
      await host.admin.askRelease(paired.name, { to: paired.version, at: Date.now() + 3_600_000 });
      await expect(host.admin.askRelease(paired.name, { to: paired.version })).rejects.toMatchObject({ code: 'release-conflict' });
      await expect(host.admin.removeVersion(paired.name, paired.version)).rejects.toMatchObject({ code: 'version-in-use' });
    });
  });
}
