import { concat } from '../bytes.ts';
import type { Blobs } from './blobs.ts';
import { EXPIRED_AT_ONCE, type EntryChange, type TellingStore } from './changes.ts';
import { createSqlOutbox, type Note } from './outbox.ts';
import { excessOf, groupOf, QuotaExceeded, sizeOf } from './quota.ts';
import { SqlUsage } from './sql-usage.ts';
import { createWriter, settle } from './sql-writer.ts';
import type { DeleteOptions, ListOptions, PutOptions } from './store.ts';

/** What a SQLite client has to give: `node:sqlite` and a Durable Object's storage both do. */
export interface Sql {
  all(query: string, ...params: SqlValue[]): Record<string, SqlValue>[];
  run(query: string, ...params: SqlValue[]): void;
  /** Runs `body`, which must not wait, in one transaction: all of it or nothing. */
  transaction<Result>(body: () => Result): Result;
}

export type SqlValue = string | number | null | Uint8Array<ArrayBuffer>;

const PAGE = 1_000;
/** Rows of a Durable Object hold 2 MB at most. */
const CHUNK = 1024 * 1024;
/** A range, so that the index finds it: LIKE knows wildcards, and SQLite's string functions stop at a NUL. */
const WITH_PREFIX = 'key >= ? AND key < ?';

/** @param table where its entries lie; stores of one database share their revisions, and nothing else */
export function createSqlStore(sql: Sql, now: () => number, table = 'entry'): TellingStore {
  const usage = createTables(sql, table);
  const outbox = createSqlOutbox(sql, { table: `${table}_event` });
  const write = createWriter(sql, usage);
  const unexpired = '(expires IS NULL OR expires > ?)';
  const current = (key: string) =>
    sql.all(`SELECT value, revision, metadata, parts FROM ${table} WHERE key = ? AND ${unexpired}`, key, now())[0];
  /** Of the row that is there, expired or not: what it has beyond its table is to go with it. */
  const before = (key: string) => {
    const row = sql.all(`SELECT revision, expires, parts, size, metadata, kept FROM ${table} WHERE key = ?`, key)[0];
    if (row === undefined) return { revision: 0, parts: 0, keys: 0, size: 0, untold: false, entry: null };
    const expired = row['expires'] !== null && Number(row['expires']) <= now();
    return {
      revision: expired ? 0 : Number(row['revision']),
      parts: Number(row['parts']),
      keys: 1,
      size: Number(row['size']),
      /** It has expired, and nobody has been told. */
      untold: expired && row['kept'] === 1,
      entry: entryOf(row),
    };
  };
  const sweep = () => {
    const time = now();
    const expired = sql.all(`SELECT key, size FROM ${table} WHERE expires <= ? AND kept = 0`, time);
    if (expired.length === 0) return;
    for (const { key, size } of expired) usage.add(key as string, { keys: -1, bytes: -Number(size) });
    sql.run(`DELETE FROM ${table}_part WHERE key IN (SELECT key FROM ${table} WHERE expires <= ? AND kept = 0 AND parts > 0)`, time);
    sql.run(`DELETE FROM ${table} WHERE expires <= ? AND kept = 0`, time);
  };
  const nextRevision = () => {
    sql.run("UPDATE counter SET value = value + 1 WHERE name = 'revision'");
    return Number(sql.all("SELECT value FROM counter WHERE name = 'revision'")[0]!['value']);
  };
  /** Those whose keys begin so and that wait for being told of. */
  const expireKept = (prefix: string, note: Note<EntryChange> | undefined) => {
    const range = [prefix, endOf(prefix)] as const;
    const rows = sql.all(
      `SELECT key, revision, metadata, parts, size FROM ${table} WHERE kept = 1 AND expires <= ? AND ${WITH_PREFIX} ORDER BY expires, revision LIMIT ?`,
      now(),
      ...range,
      EXPIRED_AT_ONCE,
    );
    for (const row of rows) {
      const key = row['key'] as string;
      if (note !== undefined) outbox.post(note({ key, cause: 'expire', revision: nextRevision(), value: null, before: entryOf(row) }));
      if (Number(row['parts']) > 0) sql.run(`DELETE FROM ${table}_part WHERE key = ?`, key);
      sql.run(`DELETE FROM ${table} WHERE key = ?`, key);
      usage.add(key, { keys: -1, bytes: -Number(row['size']) });
    }
    const [next] = sql.all(`SELECT MIN(expires) AS next FROM ${table} WHERE kept = 1 AND expires > 0 AND ${WITH_PREFIX}`, ...range);
    return next!['next'] === null ? null : Number(next!['next']);
  };

  return {
    outbox: { ...outbox, expire: (prefix, note) => write(() => expireKept(prefix, note)) },
    get(key) {
      return settle(() => {
        const row = current(key);
        if (row === undefined) return null;
        const { value, revision, metadata, parts } = row;
        const rest = parts === 0 ? [] : sql.all(`SELECT bytes FROM ${table}_part WHERE key = ? ORDER BY part`, key);
        return {
          value: rest.length === 0 ? (value as Uint8Array) : concat([value, ...rest.map(({ bytes }) => bytes!)] as Uint8Array[]),
          revision: Number(revision),
          ...(metadata !== null && { metadata: metadata as string }),
        };
      });
    },
    async put(key, value, options: PutOptions = {}) {
      const {
        ifRevision,
        ttl,
        metadata = null,
        quota,
        note,
        keepExpired = false,
      } = options as Omit<PutOptions, 'metadata'> & {
        metadata?: string | null;
      };
      const size = sizeOf(key, value, metadata);
      const written = await write(() => {
        let old = before(key);
        if (ifRevision !== undefined && old.revision !== ifRevision) return null;
        const added = () => ({ keys: 1 - old.keys, bytes: size - old.size });
        if (quota !== undefined && excessOf(usage.of(groupOf(key)), added(), quota) !== null) {
          sweep();
          if (note !== undefined) expireKept(groupOf(key), note);
          old = before(key);
          const what = excessOf(usage.of(groupOf(key)), added(), quota);
          // Not thrown here, as that would undo what came together with it.
          if (what !== null) return new QuotaExceeded(what, quota[what]);
        }
        if (note !== undefined && old.untold)
          outbox.post(note({ key, cause: 'expire', revision: nextRevision(), value: null, before: old.entry }));
        const revision = nextRevision();
        const expires = ttl === undefined ? null : now() + ttl;
        // Who writes what expires, takes away what has.
        if (expires !== null) {
          sweep();
          old = before(key);
        }
        usage.add(key, added());
        if (old.parts > 0) sql.run(`DELETE FROM ${table}_part WHERE key = ?`, key);
        const [first, ...rest] = chunksOf(value);
        sql.run(
          `INSERT OR REPLACE INTO ${table} (key, value, revision, expires, metadata, parts, size, kept) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
          key,
          first!,
          revision,
          expires,
          metadata,
          rest.length,
          size,
          keepExpired && expires !== null ? 1 : 0,
        );
        for (const [part, bytes] of rest.entries()) sql.run(`INSERT INTO ${table}_part VALUES (?, ?, ?)`, key, part, bytes);
        if (note !== undefined) {
          const was = old.revision === 0 ? null : old.entry;
          outbox.post(note({ key, cause: 'put', revision, value, ...(metadata !== null && { metadata }), before: was }));
        }
        return revision;
      });
      if (written instanceof QuotaExceeded) throw written;
      return written;
    },
    delete(key, { ifRevision, note }: DeleteOptions = {}) {
      return write(() => {
        const { revision, parts, size, entry } = before(key);
        if (revision === 0 || (ifRevision !== undefined && revision !== ifRevision)) return false;
        if (parts > 0) sql.run(`DELETE FROM ${table}_part WHERE key = ?`, key);
        sql.run(`DELETE FROM ${table} WHERE key = ?`, key);
        usage.add(key, { keys: -1, bytes: -size });
        if (note !== undefined) outbox.post(note({ key, cause: 'delete', revision: nextRevision(), value: null, before: entry }));
        return true;
      });
    },
    list({ prefix, limit = PAGE, cursor = '', withMetadata = false }: ListOptions) {
      return settle(() => {
        const rows = sql.all(
          `SELECT key${withMetadata ? ', metadata' : ''} FROM ${table} WHERE ${WITH_PREFIX} AND key > ? AND ${unexpired} ORDER BY key LIMIT ?`,
          prefix,
          endOf(prefix),
          cursor,
          now(),
          limit + 1,
        );
        const page = rows.slice(0, limit);
        const keys = page.map((row) => row['key'] as string);
        return {
          keys,
          ...(rows.length > limit && { cursor: keys.at(-1)! }),
          ...(withMetadata && {
            metadata: new Map(page.flatMap(({ key, metadata }) => (metadata === null ? [] : [[key, metadata]])) as []),
          }),
        };
      });
    },
  };
}

function entryOf({ revision, metadata }: Record<string, SqlValue>): { revision: number; metadata?: string } {
  return { revision: Number(revision), ...(metadata !== null && { metadata: metadata as string }) };
}

/** Gives what counts the entries. */
function createTables(sql: Sql, table: string): SqlUsage {
  sql.run(
    `CREATE TABLE IF NOT EXISTS ${table} (key TEXT PRIMARY KEY, value BLOB NOT NULL, revision INTEGER NOT NULL, expires INTEGER, metadata TEXT, parts INTEGER NOT NULL DEFAULT 0, size INTEGER NOT NULL DEFAULT 0, kept INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID`,
  );
  // Those of earlier releases have none of these.
  const columns = sql.all(`PRAGMA table_info(${table})`).map(({ name }) => name);
  if (!columns.includes('metadata')) sql.run(`ALTER TABLE ${table} ADD COLUMN metadata TEXT`);
  if (!columns.includes('parts')) sql.run(`ALTER TABLE ${table} ADD COLUMN parts INTEGER NOT NULL DEFAULT 0`);
  if (!columns.includes('kept')) sql.run(`ALTER TABLE ${table} ADD COLUMN kept INTEGER NOT NULL DEFAULT 0`);
  sql.run(`CREATE INDEX IF NOT EXISTS ${table}_kept ON ${table} (expires) WHERE kept = 1`);
  sql.run(`CREATE INDEX IF NOT EXISTS ${table}_expires ON ${table} (expires) WHERE expires IS NOT NULL`);
  // What of a value does not fit into its row.
  sql.run(`CREATE TABLE IF NOT EXISTS ${table}_part (key TEXT, part INTEGER, bytes BLOB NOT NULL, PRIMARY KEY (key, part)) WITHOUT ROWID`);
  sql.run('CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID');
  sql.run("INSERT OR IGNORE INTO counter VALUES ('revision', 0)");
  const usage = new SqlUsage(sql, { table });
  if (!columns.includes('size')) sql.transaction(() => measure(sql, table, usage));
  return usage;
}

/** Of entries that were written before they were counted. */
function measure(sql: Sql, table: string, usage: SqlUsage): void {
  sql.run(`ALTER TABLE ${table} ADD COLUMN size INTEGER NOT NULL DEFAULT 0`);
  sql.run(
    `UPDATE ${table} SET size = length(value) + length(CAST(key AS BLOB)) + coalesce(length(CAST(metadata AS BLOB)), 0)` +
      ` + coalesce((SELECT sum(length(bytes)) FROM ${table}_part WHERE ${table}_part.key = ${table}.key), 0)`,
  );
  for (const { key, size } of sql.all(`SELECT key, size FROM ${table}`)) usage.add(key as string, { keys: 1, bytes: Number(size) });
  usage.write();
}

export function createSqlBlobs(sql: Sql): Blobs {
  sql.run('CREATE TABLE IF NOT EXISTS blob (key TEXT, part INTEGER, bytes BLOB NOT NULL, PRIMARY KEY (key, part)) WITHOUT ROWID');
  return {
    get(key) {
      return settle(() => {
        const parts = sql
          .all('SELECT bytes FROM blob WHERE key = ? ORDER BY part', key)
          .map((row) => new Uint8Array(row['bytes'] as Uint8Array<ArrayBuffer>));
        return parts.length === 0 ? null : concat(parts);
      });
    },
    put(key, bytes) {
      return settle(() =>
        sql.transaction(() => {
          sql.run('DELETE FROM blob WHERE key = ?', key);
          for (const [part, chunk] of chunksOf(bytes).entries()) sql.run('INSERT INTO blob VALUES (?, ?, ?)', key, part, chunk);
        }),
      );
    },
    delete(key) {
      return settle(() =>
        sql.transaction(() => {
          const there = sql.all('SELECT 1 FROM blob WHERE key = ? LIMIT 1', key).length > 0;
          sql.run('DELETE FROM blob WHERE key = ?', key);
          return there;
        }),
      );
    },
    list(prefix) {
      return settle(() =>
        sql
          .all(`SELECT DISTINCT key FROM blob WHERE ${WITH_PREFIX} ORDER BY key`, prefix, endOf(prefix))
          .map((row) => row['key'] as string),
      );
    },
  };
}

/** The least text that sorts after every key with this prefix; where there is none, a blob, which sorts after all text. */
export function endOf(prefix: string): SqlValue {
  const points = Array.from(prefix, (character) => character.codePointAt(0)!);
  while (points.at(-1) === 0x10ffff) points.pop();
  const last = points.pop();
  if (last === undefined) return new Uint8Array();
  // The surrogates between are not characters.
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
}

/** Copies of its pieces in their order; one at least. */
function chunksOf(bytes: Uint8Array): Uint8Array<ArrayBuffer>[] {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at === 0 || at < bytes.byteLength; at += CHUNK) chunks.push(new Uint8Array(bytes.subarray(at, at + CHUNK)));
  return chunks;
}
