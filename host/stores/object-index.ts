import { endOf, type Sql } from './sql.ts';
import { SqlUsage } from './sql-usage.ts';
import type { ListObjects, ObjectFacts, ObjectPage, StoredObject, Upload } from './objects.ts';
import { cursorText, readCursor } from './object-cursor.ts';
import { bucketOf, delimitedPrefixOf, weightOf, withOnly } from './object-rules.ts';

/** A piece of an object: a file of these many bytes. */
export interface Segment {
  readonly name: string;
  readonly size: number;
}

export interface IndexedPart extends Segment {
  readonly partNumber: number;
  readonly etag: string;
  readonly md5: string;
}

export interface IndexedUpload {
  readonly facts: ObjectFacts;
  readonly ended: boolean;
}

/** The tables of `createSqlObjects`, with what buckets have in them. No method waits; those that write run inside of the caller's transaction, and give the names of files that are not needed any more. */
export interface ObjectIndex {
  readonly usage: SqlUsage;
  object(key: string): StoredObject | null;
  segments(key: string): Segment[];
  put(object: StoredObject, segments: readonly Segment[]): string[];
  remove(keys: readonly string[]): string[];
  list(options: ListObjects): ObjectPage;
  createUpload(upload: Upload, upto: { readonly facts: ObjectFacts; readonly created: number }): void;
  upload(upload: Upload): IndexedUpload | null;
  parts(id: string): IndexedPart[];
  /** Bytes of a part that is there. */
  partSize(id: string, partNumber: number): number | null;
  putPart(upload: Upload, part: IndexedPart): string[];
  /** Its parts are gone, but for those that an object has got. */
  endUpload(upload: Upload, kept: readonly Segment[]): string[];
  /** Those that began before. */
  forgetUploads(before: number): string[];
  /** Of these files those that nothing has. */
  unknown(names: readonly string[]): string[];
}

export function createObjectIndex(sql: Sql): ObjectIndex {
  const usage = createTables(sql);
  const namesOf = (rows: Record<string, unknown>[]) => rows.map(({ name }) => name as string);
  const count = (key: string, keys: number, bytes: number) => usage.add(key, { keys, bytes: keys < 0 ? -bytes : bytes });
  const find = (key: string) => {
    const row = sql.all('SELECT facts FROM object WHERE key = ?', key)[0];
    return row === undefined ? null : objectOf(key, row['facts'] as string);
  };
  const removeOne = (key: string): string[] => {
    const object = find(key);
    if (object === null) return [];
    count(key, -1, weightOf(key, object));
    const names = namesOf(sql.all('SELECT name FROM object_file WHERE key = ?', key));
    sql.run('DELETE FROM object_file WHERE key = ?', key);
    sql.run('DELETE FROM object WHERE key = ?', key);
    return names;
  };
  const dropParts = ({ key, id }: Upload): string[] => {
    const parts = sql.all('SELECT name, size FROM object_part WHERE upload = ?', id);
    for (const { size } of parts) count(key, -1, Number(size));
    sql.run('DELETE FROM object_part WHERE upload = ?', id);
    return namesOf(parts);
  };
  const uncount = ({ key, facts }: { key: string; facts: string }) => count(key, -1, weightOf(key, JSON.parse(facts) as ObjectFacts));
  return {
    usage,
    object: find,
    segments(key) {
      return sql
        .all('SELECT name, size FROM object_file WHERE key = ? ORDER BY number', key)
        .map(({ name, size }) => ({ name: name as string, size: Number(size) }));
    },
    put({ key, ...facts }, segments) {
      const names = removeOne(key);
      sql.run('INSERT INTO object VALUES (?, ?)', key, JSON.stringify(facts));
      count(key, 1, weightOf(key, facts));
      for (const [number, { name, size }] of segments.entries())
        sql.run('INSERT INTO object_file VALUES (?, ?, ?, ?)', key, number, name, size);
      return names;
    },
    remove: (keys) => keys.flatMap(removeOne),
    list: (options) => pageOf(sql, options),
    createUpload({ key, id }, { facts, created }) {
      sql.run('INSERT INTO object_upload VALUES (?, ?, ?, ?, 0)', id, key, JSON.stringify(facts), created);
      count(key, 1, weightOf(key, facts));
    },
    upload({ key, id }) {
      const row = sql.all('SELECT facts, ended FROM object_upload WHERE id = ? AND key = ?', id, key)[0];
      return row === undefined ? null : { facts: JSON.parse(row['facts'] as string) as ObjectFacts, ended: row['ended'] !== 0 };
    },
    parts(id) {
      return sql
        .all('SELECT number, name, size, etag, md5 FROM object_part WHERE upload = ? ORDER BY number', id)
        .map(({ number, name, size, etag, md5 }) => ({
          partNumber: Number(number),
          name: name as string,
          size: Number(size),
          etag: etag as string,
          md5: md5 as string,
        }));
    },
    partSize(id, partNumber) {
      const row = sql.all('SELECT size FROM object_part WHERE upload = ? AND number = ?', id, partNumber)[0];
      return row === undefined ? null : Number(row['size']);
    },
    putPart({ key, id }, { partNumber, name, size, etag, md5 }) {
      const before = sql.all('SELECT name, size FROM object_part WHERE upload = ? AND number = ?', id, partNumber);
      for (const part of before) count(key, -1, Number(part['size']));
      count(key, 1, size);
      sql.run('INSERT OR REPLACE INTO object_part VALUES (?, ?, ?, ?, ?, ?)', id, partNumber, name, size, etag, md5);
      return namesOf(before);
    },
    endUpload(upload, kept) {
      const open = sql.all('SELECT key, facts FROM object_upload WHERE id = ? AND ended = 0', upload.id);
      for (const row of open) uncount(row as { key: string; facts: string });
      sql.run("UPDATE object_upload SET ended = 1, facts = '{}' WHERE id = ?", upload.id);
      const names = new Set(kept.map(({ name }) => name));
      return dropParts(upload).filter((name) => !names.has(name));
    },
    forgetUploads(before) {
      const old = sql.all('SELECT id, key, facts, ended FROM object_upload WHERE created < ?', before);
      for (const row of old) if (row['ended'] === 0) uncount(row as { key: string; facts: string });
      const names = old.flatMap((row) => dropParts(row as unknown as Upload));
      sql.run('DELETE FROM object_upload WHERE created < ?', before);
      return names;
    },
    unknown(names) {
      const known = 'SELECT 1 FROM object_file WHERE name = ? UNION ALL SELECT 1 FROM object_part WHERE name = ? LIMIT 1';
      return names.filter((name) => sql.all(known, name, name).length === 0);
    },
  };
}

function createTables(sql: Sql): SqlUsage {
  sql.run('CREATE TABLE IF NOT EXISTS object (key TEXT PRIMARY KEY, facts TEXT NOT NULL) WITHOUT ROWID');
  sql.run(
    'CREATE TABLE IF NOT EXISTS object_file (key TEXT, number INTEGER, name TEXT NOT NULL, size INTEGER NOT NULL, PRIMARY KEY (key, number)) WITHOUT ROWID',
  );
  sql.run('CREATE INDEX IF NOT EXISTS object_file_name ON object_file (name)');
  sql.run(
    'CREATE TABLE IF NOT EXISTS object_upload (id TEXT PRIMARY KEY, key TEXT NOT NULL, facts TEXT NOT NULL, created INTEGER NOT NULL, ended INTEGER NOT NULL) WITHOUT ROWID',
  );
  sql.run('CREATE INDEX IF NOT EXISTS object_upload_created ON object_upload (created)');
  sql.run(
    'CREATE TABLE IF NOT EXISTS object_part (upload TEXT, number INTEGER, name TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL, md5 TEXT NOT NULL, PRIMARY KEY (upload, number)) WITHOUT ROWID',
  );
  sql.run('CREATE INDEX IF NOT EXISTS object_part_name ON object_part (name)');
  const counted = sql.all("SELECT 1 FROM sqlite_master WHERE name = 'object_usage'").length > 0;
  const usage = new SqlUsage(sql, { table: 'object', group: bucketOf });
  if (!counted) sql.transaction(() => countAll(sql, usage));
  return usage;
}

/** Of tables that were written before there were quotas. */
function countAll(sql: Sql, usage: SqlUsage): void {
  const count = (key: string, bytes: number) => usage.add(key, { keys: 1, bytes });
  for (const row of sql.all('SELECT key, facts FROM object')) {
    const { key, facts } = row as { key: string; facts: string };
    count(key, weightOf(key, objectOf(key, facts)));
  }
  for (const row of sql.all('SELECT key, facts FROM object_upload WHERE ended = 0')) {
    const { key, facts } = row as { key: string; facts: string };
    count(key, weightOf(key, JSON.parse(facts) as ObjectFacts));
  }
  const parts = 'SELECT object_upload.key, size FROM object_part JOIN object_upload ON object_upload.id = object_part.upload';
  for (const { key, size } of sql.all(parts)) count(key as string, Number(size));
  usage.write();
}

function objectOf(key: string, facts: string): StoredObject {
  return { key, ...(JSON.parse(facts) as Omit<StoredObject, 'key'>) };
}

/** Keys that are one entry together are passed over: what is left of them when the rows at hand end is not read at all. */
function pageOf(sql: Sql, { prefix, limit, startAfter, cursor, delimiter = '', include }: ListObjects): ObjectPage {
  const objects: StoredObject[] = [];
  const delimitedPrefixes: string[] = [];
  let last = readCursor(cursor, startAfter);
  for (;;) {
    const wanted = limit + 1 - objects.length - delimitedPrefixes.length;
    const rows = sql.all(
      `SELECT key, facts FROM object WHERE key >= ? AND key < ? AND key ${last === null || last.whole ? '>=' : '>'} ? ORDER BY key LIMIT ?`,
      prefix,
      endOf(prefix),
      last === null ? '' : last.whole ? endOf(last.key) : last.key,
      wanted,
    );
    for (const row of rows) {
      const key = row['key'] as string;
      if (last?.whole === true && key.startsWith(last.key)) continue;
      if (objects.length + delimitedPrefixes.length === limit) return { objects, delimitedPrefixes, cursor: cursorText(last!) };
      const group = delimitedPrefixOf(key, prefix, delimiter);
      if (group === null) objects.push(withOnly(objectOf(key, row['facts'] as string), include));
      else delimitedPrefixes.push(group);
      last = { key: group ?? key, whole: group !== null };
    }
    if (rows.length < wanted) return { objects, delimitedPrefixes };
  }
}
