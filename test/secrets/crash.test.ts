import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openSql } from '../../host/platforms/node/sql.ts';
import { Registry } from '../../host/registry/registry.ts';
import { createKeyring } from '../../host/secrets/keyring.ts';
import { createSqlBlobs, createSqlStore } from '../../host/stores/sql.ts';
import { runAndKill } from '../run-and-kill.ts';
import type { Line } from './crash-child.ts';
import { removeFolder } from '../remove-folder.ts';

const ROUNDS = 10;
const CHILD = fileURLToPath(new URL('crash-child.ts', import.meta.url));

it(`after kill -9 in the middle of changes and rotations, ${ROUNDS} times over, secrets are as the last or the next change leaves them`, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'brink-crash-'));
  const path = join(directory, 'state.db');
  let changes = 0;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const lines = await runAndKill<Line>({ module: CHILD, args: [path, String(round)], within: 150, after: 4 });
      changes += lines.length;
      const [last, next] = [lines.findLast(({ done }) => done)?.values, lines.at(-1)?.values];
      const found = await stored(path);
      if (last !== undefined) expect([last, next]).toContainEqual(found);
    }
  } finally {
    removeFolder(directory);
  }
  expect(changes).toBeGreaterThan(ROUNDS * 2);
});

async function stored(path: string): Promise<Record<string, string>> {
  const sql = openSql(path);
  try {
    const keys = [1, 2].map((byte) => new Uint8Array(32).fill(byte));
    const registry = new Registry({
      store: createSqlStore(sql, Date.now),
      blobs: createSqlBlobs(sql),
      now: Date.now,
      keyring: createKeyring(() => keys),
    });
    const record = await registry.find('fn');
    return record === null ? {} : { ...(await registry.secrets.valuesOf(record)) };
  } finally {
    sql.close();
  }
}
