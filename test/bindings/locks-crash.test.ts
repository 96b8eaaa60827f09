import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openSql } from '../../host/platforms/node/sql.ts';
import { createSqlStore } from '../../host/stores/sql.ts';
import { runAndKill } from '../run-and-kill.ts';
import type { Line } from './locks-crash-child.ts';
import { locksOn } from './locks.ts';
import { removeFolder } from '../remove-folder.ts';

const ROUNDS = 6;
const CHILD = fileURLToPath(new URL('locks-crash-child.ts', import.meta.url));

it(`after kill -9, ${ROUNDS} times over, every lock is free at once, and no fence goes back`, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'brink-locks-'));
  const path = join(directory, 'state.sqlite');
  const last = new Map<string, number>();
  let grants = 0;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const told = await runAndKill<Line>({ module: CHILD, args: [path], within: 60, after: 5 });
      grants += told.length;
      for (const { name, fence } of told) {
        expect(fence).toBeGreaterThan(last.get(name) ?? 0);
        last.set(name, fence);
      }
      await takeAll(path, last);
    }
  } finally {
    removeFolder(directory);
  }
  expect(grants).toBeGreaterThan(ROUNDS * 3);
});

/** As the next host: the leases of the dead one would last ten minutes. */
async function takeAll(path: string, last: Map<string, number>): Promise<void> {
  const sql = openSql(path);
  try {
    const locks = locksOn({ store: createSqlStore(sql, Date.now, 'binding') });
    expect(await locks.query()).toEqual({ held: [], pending: [] });
    for (const name of ['a', 'b', 'c']) {
      const lock = await locks.acquire(name, { ifAvailable: true });
      expect(lock!.fence).toBeGreaterThan(last.get(name) ?? 0);
      last.set(name, lock!.fence);
      await lock!.release();
    }
  } finally {
    sql.close();
  }
}
