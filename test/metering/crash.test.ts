import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readUsage } from '../../host/metering/report.ts';
import { HOUR } from '../../host/metering/usage.ts';
import { openSql } from '../../host/platforms/node/sql.ts';
import { createSqlStore } from '../../host/stores/sql.ts';
import { runAndKill } from '../run-and-kill.ts';
import { CLIENTS, type Line } from './crash-child.ts';
import { removeFolder } from '../remove-folder.ts';

const ROUNDS = 4;
const CHILD = fileURLToPath(new URL('crash-child.ts', import.meta.url));

it(`after kill -9 under load, ${ROUNDS} times over, every request that was answered is in the ledger once, and none twice`, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'brink-metering-'));
  let answered = 0;
  let before = new Map<string, number>();
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const lines = await runAndKill<Line>({ module: CHILD, args: [directory], within: 300, after: 2 * CLIENTS });
      const counted = await countedIn(directory);
      for (let client = 0; client < CLIENTS; client++) {
        const name = `client-${client}`;
        const answers = lines.filter((line) => line.client === client).length;
        const counts = (counted.get(name) ?? 0) - (before.get(name) ?? 0);
        // One more may have been under way: it was counted, and the kill came before its client could say so.
        expect([answers, answers + 1], `${name} in round ${round}`).toContain(counts);
        answered += answers;
      }
      before = counted;
    }
  } finally {
    removeFolder(directory);
  }
  expect(answered).toBeGreaterThan(ROUNDS * CLIENTS);
});

async function countedIn(directory: string): Promise<Map<string, number>> {
  const sql = openSql(join(directory, 'state.sqlite'));
  try {
    const store = createSqlStore(sql, Date.now);
    const rows = await readUsage(store, { from: Date.now() - 24 * HOUR, to: Date.now() + HOUR, by: ['function'] });
    return new Map(rows.map(({ function: name, invocations }) => [name!, invocations]));
  } finally {
    sql.close();
  }
}
