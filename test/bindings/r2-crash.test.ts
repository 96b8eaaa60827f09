import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runAndKill } from '../run-and-kill.ts';
import { checkObjects } from './r2-crash-check.ts';
import type { Line } from './r2-crash.ts';
import { openObjects } from './r2-directory.ts';
import { bucketOn } from './r2.ts';
import { removeFolder } from '../remove-folder.ts';

const ROUNDS = 8;
const CHILD = fileURLToPath(new URL('r2-crash-child.ts', import.meta.url));

it(`after kill -9 in the middle of puts, ${ROUNDS} times over, each acknowledged object is there, and each object whole`, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'brink-r2-crash-'));
  let [writes, orphans] = [0, 0];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const told = await runAndKill<Line>({ module: CHILD, args: [directory, String(round)], within: 100, after: 3 });
      writes += told.length;
      orphans += await check(directory, told);
    }
  } finally {
    removeFolder(directory);
  }
  expect(writes).toBeGreaterThan(ROUNDS);
  // Or no kill fell into a write, and the sweep had nothing to show.
  expect(orphans).toBeGreaterThan(0);
});

/** How many files the crash had left. */
async function check(directory: string, told: readonly Line[]): Promise<number> {
  const { objects, files, close } = openObjects(directory);
  try {
    await checkObjects(bucketOn(objects), told);
    const before = files();
    await objects.sweep();
    const after = files();
    expect(after.there).toEqual(after.known);
    return before.there.length - after.there.length;
  } finally {
    close();
  }
}
