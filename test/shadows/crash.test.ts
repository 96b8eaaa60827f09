import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openNode } from '../conformance/harness-node.ts';
import { eventually } from '../conformance/harness.ts';
import { runAndKill } from '../run-and-kill.ts';
import type { Line } from './crash-child.ts';
import { removeFolder } from '../remove-folder.ts';

const CHILD = fileURLToPath(new URL('crash-child.ts', import.meta.url));

it('after kill -9 of a host a shadow goes on, with what its report had, and ends by its clearing', async () => {
  const state = mkdtempSync(join(tmpdir(), 'brink-shadow-crash-'));
  try {
    const told = await runAndKill<Line>({ module: CHILD, args: [state], within: 800 });
    const host = await openNode({ state });
    try {
      const before = await host.admin.shadow('crash', 1);
      expect(before.end).toBe(null);
      // What was shown was written before.
      expect(before.report.compared).toBeGreaterThanOrEqual(told.at(-1)!.compared);
      expect(await (await fetch(`${host.url}/crash/`)).json()).toMatchObject({ version: 1 });
      const after = await eventually(async () => {
        const shadow = await host.admin.shadow('crash', 1);
        return shadow.report.compared > before.report.compared ? shadow : undefined;
      });
      expect(after.report).toMatchObject({ drawn: before.report.drawn + 1, different: before.report.different + 1 });
      expect(after.report.places.map(({ place }) => place)).toEqual(['$.version']);
      await host.admin.stopShadow('crash', 1);
      await eventually(async () => ((await host.admin.shadow('crash', 1)).end!.cleared ? true : undefined));
    } finally {
      await host.stop();
    }
  } finally {
    removeFolder(state);
  }
});
