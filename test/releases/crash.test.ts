import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../conformance/harness.ts';
import { openNode } from '../conformance/harness-node.ts';
import { becomes, isOver, sendTraffic } from '../conformance/release-traffic.ts';
import { runAndKill } from '../run-and-kill.ts';
import type { Line } from './crash-child.ts';
import { removeFolder } from '../remove-folder.ts';

const CHILD = fileURLToPath(new URL('crash-child.ts', import.meta.url));

it('after kill -9 of a host in the middle, a release goes on from its step to its end, each step once', async () => {
  const state = mkdtempSync(join(tmpdir(), 'brink-release-crash-'));
  try {
    const told = await runAndKill<Line>({ module: CHILD, args: [state], within: 1_500 });
    const host = await openNode({ state });
    try {
      // It goes on by itself, between two questions too.
      const before = await eventually(async () => {
        const [release] = await host.admin.releases('crash');
        const at = (await host.admin.alias('crash', 'live')).versions.find(({ version }) => version === 2)!.weight;
        return at === release!.weight ? release : undefined;
      });
      expect(before.state).toBe('running');
      expect(before.step).toBeGreaterThanOrEqual(told.at(-1)!.step);
      const traffic = sendTraffic(`${host.url}/crash/`, 2);
      onTestFinished(traffic.stop);
      const release = await becomes(host, { name: 'crash', id: 1 }, isOver);
      await traffic.stop();
      expect(release.state).toBe('done');
      const moves = (await host.admin.history('crash')).filter(({ by }) => by === 'release 1').toReversed();
      expect(moves.map(({ to }) => to!.find(({ version }) => version === 2)!.weight)).toEqual([20, 40, 60, 80, 100]);
      expect(moves.map(({ revision }) => revision)).toEqual([2, 3, 4, 5, 6]);
    } finally {
      await host.stop();
    }
  } finally {
    removeFolder(state);
  }
});
