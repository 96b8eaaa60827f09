import { writeSync } from 'node:fs';
import process from 'node:process';
import { openDatabases } from '../../host/platforms/node/d1/databases.ts';
import { databaseOn } from './d1.ts';

/** One line for each batch, when it has been acknowledged. */
export interface Line {
  readonly database: number;
  readonly step: number;
}

const [directory, round] = process.argv.slice(2) as [string, string];
const databases = openDatabases({ directory });
await Promise.all([0, 1].map(write));

/** Each batch moves something from one account to the other, and says so in the ledger. */
async function write(number: number): Promise<void> {
  const database = databaseOn(databases, `id/${number}`);
  await database.exec(
    "CREATE TABLE IF NOT EXISTS account (name PRIMARY KEY, n)\nINSERT OR IGNORE INTO account VALUES ('a', 0), ('b', 0)\nCREATE TABLE IF NOT EXISTS ledger (step PRIMARY KEY, filling)",
  );
  for (let step = Number(round) * 1_000_000; ; step++) {
    await database.batch([
      database.prepare("UPDATE account SET n = n - 1 WHERE name = 'a'"),
      database.prepare('INSERT INTO ledger VALUES (?, ?)').bind(step, 'x'.repeat(step % 7 === 0 ? 20_000 : 10)),
      database.prepare("UPDATE account SET n = n + 1 WHERE name = 'b'"),
    ]);
    writeSync(1, `${JSON.stringify({ database: number, step } satisfies Line)}\n`);
  }
}
