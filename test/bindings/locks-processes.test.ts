import { openSql } from '../../host/platforms/node/sql.ts';
import { createSqlStore } from '../../host/stores/sql.ts';
import { locksOfProcesses } from './locks-processes.ts';

locksOfProcesses(async () => {
  const sql = openSql(':memory:');
  return { store: createSqlStore(sql, Date.now, 'binding'), args: [], close: () => sql.close() };
});
