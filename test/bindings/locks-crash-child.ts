import { writeSync } from 'node:fs';
import { openSql } from '../../host/platforms/node/sql.ts';
import { createSqlStore } from '../../host/stores/sql.ts';
import { locksOn } from './locks.ts';

/** One line for each grant, when it is there. */
export interface Line {
  readonly name: string;
  readonly fence: number;
}

const [path] = process.argv.slice(2) as [string];
const locks = locksOn({ store: createSqlStore(openSql(path), Date.now, 'binding') });

await Promise.all(
  ['a', 'a', 'b', 'c'].map(async (name) => {
    for (let step = 0; ; step++) {
      const lock = await locks.acquire(name, { mode: step % 5 === 4 ? 'shared' : 'exclusive', ttl: 600_000 });
      writeSync(1, `${JSON.stringify({ name, fence: lock.fence } satisfies Line)}\n`);
      await lock.release();
    }
  }),
);
