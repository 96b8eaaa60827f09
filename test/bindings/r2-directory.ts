import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createFiles } from '../../host/platforms/node/files.ts';
import { openSql } from '../../host/platforms/node/sql.ts';
import { createSqlObjects, type SqlObjects } from '../../host/stores/sql-objects.ts';

export interface OpenedObjects {
  readonly objects: SqlObjects;
  /** Names of files, and those that the index has. */
  files(): { readonly there: string[]; readonly known: string[] };
  close(): void;
}

/** Objects in a directory, as a host on Node has them. */
export function openObjects(directory: string, now = Date.now): OpenedObjects {
  const sql = openSql(join(directory, 'state.sqlite'));
  const objects = createSqlObjects({ sql, files: createFiles(join(directory, 'objects')), now });
  return {
    objects,
    files: () => ({
      there: readdirSync(join(directory, 'objects'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name)
        .toSorted(),
      known: sql
        .all('SELECT name FROM object_file UNION SELECT name FROM object_part')
        .map(({ name }) => name as string)
        .toSorted(),
    }),
    close: () => sql.close(),
  };
}
