import { openSql } from '../../host/platforms/node/sql.ts';
import { createSqlStore } from '../../host/stores/sql.ts';
import { manualClock } from '../stores/clock.ts';
import { kvOn } from './kv.ts';
import { kvSuite } from './kv-suite.ts';

kvSuite('sqlite', {
  clock: true,
  async open() {
    const clock = manualClock();
    const sql = openSql(':memory:');
    return { kv: kvOn(createSqlStore(sql, clock.now, 'binding'), clock.now), clock, close: () => sql.close() };
  },
});
