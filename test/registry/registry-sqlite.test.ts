import { openSql } from '../../host/platforms/node/sql.ts';
import { createSqlBlobs, createSqlStore } from '../../host/stores/sql.ts';
import { registrySuite } from './registry-suite.ts';

registrySuite('sqlite', async () => {
  const sql = openSql(':memory:');
  return { store: createSqlStore(sql, Date.now), blobs: createSqlBlobs(sql), close: () => sql.close() };
});
