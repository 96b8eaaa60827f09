import { readFileSync, writeSync } from 'node:fs';
import process from 'node:process';
import { openDatabases } from '../../host/platforms/node/d1/databases.ts';
import { databaseOn } from './d1.ts';

/** A host in the middle of a query that never ends; it writes the id of the process that runs it. */
const database = databaseOn(openDatabases({ directory: process.argv[2]! }));
await database.exec('CREATE TABLE t (a)');
void database.prepare('WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c').run();
setTimeout(() => {
  const [pid] = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
  writeSync(1, `${JSON.stringify({ pid: Number(pid) })}\n`);
}, 100);
