import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFiles } from '../../host/platforms/node/files.ts';
import { openSql } from '../../host/platforms/node/sql.ts';
import { createSqlObjects } from '../../host/stores/sql-objects.ts';
import { casesOn } from './r2.ts';
import { r2Suite } from './r2-suite.ts';
import { removeFolder } from '../remove-folder.ts';

r2Suite('files and SQLite', {
  async open() {
    const directory = mkdtempSync(join(tmpdir(), 'brink-r2-'));
    const sql = openSql(join(directory, 'state.sqlite'));
    const objects = createSqlObjects({ sql, files: createFiles(join(directory, 'objects')), now: Date.now });
    return {
      run: casesOn(objects),
      close() {
        sql.close();
        removeFolder(directory);
      },
    };
  },
});
