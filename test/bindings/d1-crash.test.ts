import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openDatabases } from '../../host/platforms/node/d1/databases.ts';
import { runAndKill } from '../run-and-kill.ts';
import { d1On } from './d1.ts';
import type { Line } from './d1-crash-child.ts';
import { removeFolder } from '../remove-folder.ts';

const ROUNDS = 5;
const CHILD = fileURLToPath(new URL('d1-crash-child.ts', import.meta.url));

it(`after kill -9 of the host in the middle of batches, ${ROUNDS} times over, each acknowledged one is there, and none in part`, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'brink-d1-crash-'));
  const told: Line[] = [];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      told.push(...(await runAndKill<Line>({ module: CHILD, args: [directory, String(round)], within: 150, after: 3 })));
      await check(directory, told);
    }
  } finally {
    removeFolder(directory);
  }
  expect(told.length).toBeGreaterThan(ROUNDS);
});

async function check(directory: string, told: readonly Line[]): Promise<void> {
  const databases = openDatabases({ directory });
  try {
    for (const number of [0, 1]) {
      const d1 = d1On(databases, `id/${number}`);
      expect(await d1.rows('PRAGMA quick_check')).toEqual([{ quick_check: 'ok' }]);
      const steps = new Set((await d1.raw('SELECT step FROM ledger')).map((row) => (row as [number])[0]));
      expect(told.filter(({ database, step }) => database === number && !steps.has(step))).toEqual([]);
      // What nobody was told of may be there, but whole.
      expect(await d1.raw('SELECT n FROM account ORDER BY name')).toEqual([[0 - steps.size], [steps.size]]);
    }
  } finally {
    await databases.close();
  }
}
