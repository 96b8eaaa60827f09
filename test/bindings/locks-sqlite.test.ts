import { openSql } from '../../host/platforms/node/sql.ts';
import { createSqlStore } from '../../host/stores/sql.ts';
import { locksOn, playOn } from './locks.ts';
import { locksSuite } from './locks-suite.ts';

locksSuite('sqlite', async () => {
  const sql = openSql(':memory:');
  return { play: playOn(locksOn({ store: createSqlStore(sql, Date.now, 'binding') })), close: () => sql.close() };
});
