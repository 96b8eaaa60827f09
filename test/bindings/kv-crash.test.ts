import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openSql } from '../../host/platforms/node/sql.ts';
import { createSqlStore } from '../../host/stores/sql.ts';
import { namespaceOn } from './kv.ts';
import { runAndKill } from '../run-and-kill.ts';
import { checkWritten } from './kv-crash-check.ts';
import type { Line } from './kv-crash-work.ts';
import { removeFolder } from '../remove-folder.ts';

const ROUNDS = 15;
const CHILD = fileURLToPath(new URL('kv-crash-child.ts', import.meta.url));

it(`after kill -9 in the middle of writes, ${ROUNDS} times over, each acknowledged one is there, and each value whole`, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'brink-kv-'));
  const path = join(directory, 'state.sqlite');
  let writes = 0;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const told = await runAndKill<Line>({ module: CHILD, args: [path, String(round)], within: 100, after: 3 });
      writes += told.length;
      await check(path, told);
    }
  } finally {
    removeFolder(directory);
  }
  expect(writes).toBeGreaterThan(ROUNDS);
});

async function check(path: string, told: readonly Line[]): Promise<void> {
  const sql = openSql(path);
  try {
    expect(sql.all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    await checkWritten(namespaceOn(createSqlStore(sql, Date.now, 'binding'), Date.now), told);
  } finally {
    sql.close();
  }
}
