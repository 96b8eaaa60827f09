import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openWorkerd } from '../conformance/harness-workerd.ts';
import { becomes, isOver, publishPair, sendTraffic } from '../conformance/release-traffic.ts';
import { removeFolder } from '../remove-folder.ts';

// On Node crash.test.ts does it with kill -9; on workerd the alarm is what is left.
it('a release goes on where a host on workerd starts again', async () => {
  const state = mkdtempSync(join(tmpdir(), 'brink-release-restart-'));
  try {
    const before = await openWorkerd({ state });
    const { name, version, url } = await publishPair(before);
    const first = sendTraffic(url, 2);
    onTestFinished(first.stop);
    const plan = { to: version, steps: [30, 60, 100], every: 2_000, guard: 'error_rate<5% && requests>=20' };
    const { id } = await before.admin.askRelease(name, plan);
    await becomes(before, { name, id }, ({ step, figures }) => step === 0 && (figures[0]?.new.requests ?? 0) > 0);
    await first.stop();
    await before.stop();
    const after = await openWorkerd({ state });
    try {
      const { step, figures } = await after.admin.release(name, id);
      // What was counted before is there, unless a further step has begun.
      expect(step > 0 || figures[0]!.new.requests > 0).toBe(true);
      const second = sendTraffic(`${after.url}/${name}/`, 2);
      onTestFinished(second.stop);
      const release = await becomes(after, { name, id }, isOver);
      await second.stop();
      expect(release.state).toBe('done');
      const moves = (await after.admin.history(name)).filter(({ by }) => by === `release ${id}`);
      expect(moves.map(({ to }) => to!.at(-1)!.weight)).toEqual([100, 60, 30]);
    } finally {
      await after.stop();
    }
  } finally {
    removeFolder(state);
  }
});
