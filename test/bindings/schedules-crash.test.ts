import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { eventually } from '../conformance/harness.ts';
import { openNode } from '../conformance/harness-node.ts';
import { runAndKill } from '../run-and-kill.ts';
import type { Line } from './schedules-crash-child.ts';
import { removeFolder } from '../remove-folder.ts';

const CHILD = fileURLToPath(new URL('schedules-crash-child.ts', import.meta.url));

it('after kill -9 of a host, a run that was cut off runs again, and every acknowledged schedule has run', async () => {
  const state = mkdtempSync(join(tmpdir(), 'brink-schedules-crash-'));
  try {
    const told = await runAndKill<Line>({ module: CHILD, args: [state], within: 300 });
    const host = await openNode({ state });
    try {
      const read = async (key: string) => Number(await (await fetch(`${host.url}/crash/?key=${encodeURIComponent(key)}`)).text());
      await eventually(async () => ((await read('long/done')) === 1 ? true : undefined), 20_000);
      expect([await read('long/1'), await read('long/2'), await read('long/3')]).toEqual([1, 1, 0]);
      await eventually(async () => ((await host.admin.schedules('crash')).length === 0 ? true : undefined), 20_000);
      expect(told.length).toBeGreaterThan(0);
      for (const { id } of told) {
        const [first, second, done] = [await read(`${id}/1`), await read(`${id}/2`), await read(`${id}/done`)];
        // Where the first was cut off, before or after its last write, there is a second, and never a third.
        expect([id, first <= 1, second <= 1, done >= 1, done <= first + second]).toEqual([id, true, true, true, true]);
      }
      const runs = await host.admin.runs('crash', { schedule: 'long' });
      expect(runs.map(({ outcome, attempt }) => [outcome, attempt])).toEqual([
        ['ok', 2],
        ['crashed', 1],
      ]);
    } finally {
      await host.stop();
    }
  } finally {
    removeFolder(state);
  }
});
