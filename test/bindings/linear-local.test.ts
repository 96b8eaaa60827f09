import { openSql } from '../../host/platforms/node/sql.ts';
import { createMemoryStore } from '../../host/stores/memory.ts';
import { createSqlStore } from '../../host/stores/sql.ts';
import { kvOn } from './kv.ts';
import { linearSuite } from './linear-suite.ts';

linearSuite('memory', async () => {
  const store = createMemoryStore(Date.now);
  return { clients: [1, 2, 3].map(() => kvOn(store, Date.now)), close() {} };
});

linearSuite('sqlite', async () => {
  const sql = openSql(':memory:');
  const store = createSqlStore(sql, Date.now, 'binding');
  return { clients: [1, 2, 3].map(() => kvOn(store, Date.now)), close: () => sql.close() };
});
