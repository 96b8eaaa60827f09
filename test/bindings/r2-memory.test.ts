import { createMemoryFiles } from '../../host/platforms/node/memory-files.ts';
import { openSql } from '../../host/platforms/node/sql.ts';
import { createSqlObjects } from '../../host/stores/sql-objects.ts';
import { casesOn } from './r2.ts';
import { r2Suite } from './r2-suite.ts';

r2Suite('memory', {
  async open() {
    const sql = openSql(':memory:');
    const objects = createSqlObjects({ sql, files: createMemoryFiles(), now: Date.now });
    return { run: casesOn(objects), close: () => sql.close() };
  },
});
