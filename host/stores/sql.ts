import type { Blobs } from './blobs.ts';
import type { ListOptions, PutOptions, Store } from './store.ts';

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

export function createSqlStore(sql: Sql, now: () => number): Store {
  sql.run(
    'CREATE TABLE IF NOT EXISTS entry (key TEXT PRIMARY KEY, value BLOB NOT NULL, revision INTEGER NOT NULL, expires INTEGER) WITHOUT ROWID',
  );
  sql.run('CREATE INDEX IF NOT EXISTS entry_expires ON entry (expires) WHERE expires IS NOT NULL');
  sql.run('CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID');
  sql.run("INSERT OR IGNORE INTO counter VALUES ('revision', 0)");

  const current = (key: string) =>
    sql.all('SELECT value, revision FROM entry WHERE key = ? AND (expires IS NULL OR expires > ?)', key, now())[0];
  const revisionOf = (key: string) => Number(current(key)?.['revision'] ?? 0);

  return {
    get(key) {
      return settle(() => {
        const row = current(key);
        return row ? { value: row['value'] as Uint8Array, revision: Number(row['revision']) } : null;
      });
    },
    put(key, value, { ifRevision, ttl }: PutOptions = {}) {
      return settle(() =>
        sql.transaction(() => {
          if (ifRevision !== undefined && revisionOf(key) !== ifRevision) return null;
          sql.run("UPDATE counter SET value = value + 1 WHERE name = 'revision'");
          const revision = Number(sql.all("SELECT value FROM counter WHERE name = 'revision'")[0]!['value']);
          const expires = ttl === undefined ? null : now() + ttl;
          // Who writes what expires, takes away what has.
          if (expires !== null) sql.run('DELETE FROM entry WHERE expires <= ?', now());
          sql.run('INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?)', key, new Uint8Array(value), revision, expires);
          return revision;
        }),
      );
    },
    delete(key, { ifRevision }: { ifRevision?: number } = {}) {
      return settle(() =>
        sql.transaction(() => {
          const revision = revisionOf(key);
          if (revision === 0 || (ifRevision !== undefined && revision !== ifRevision)) return false;
          sql.run('DELETE FROM entry WHERE key = ?', key);
          return true;
        }),
      );
    },
    list({ prefix, limit = PAGE, cursor = '' }: ListOptions) {
      return settle(() => {
        const rows = sql.all(
          `SELECT key FROM entry WHERE ${WITH_PREFIX} AND key > ? AND (expires IS NULL OR expires > ?) ORDER BY key LIMIT ?`,
          prefix,
          endOf(prefix),
          cursor,
          now(),
          limit + 1,
        );
        const keys = rows.slice(0, limit).map((row) => row['key'] as string);
        return rows.length > limit ? { keys, cursor: keys.at(-1)! } : { keys };
      });
    },
  };
}

export function createSqlBlobs(sql: Sql): Blobs {
  sql.run('CREATE TABLE IF NOT EXISTS blob (key TEXT, part INTEGER, bytes BLOB NOT NULL, PRIMARY KEY (key, part)) WITHOUT ROWID');
  return {
    get(key) {
      return settle(() => {
        const parts = sql
          .all('SELECT bytes FROM blob WHERE key = ? ORDER BY part', key)
          .map((row) => new Uint8Array(row['bytes'] as Uint8Array<ArrayBuffer>));
        return parts.length === 0 ? null : joined(parts);
      });
    },
    put(key, bytes) {
      return settle(() =>
        sql.transaction(() => {
          sql.run('DELETE FROM blob WHERE key = ?', key);
          for (let part = 0; part === 0 || part * CHUNK < bytes.byteLength; part++) {
            sql.run(
              'INSERT INTO blob VALUES (?, ?, ?)',
              key,
              part,
              bytes.slice(part * CHUNK, (part + 1) * CHUNK) as Uint8Array<ArrayBuffer>,
            );
          }
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
function endOf(prefix: string): SqlValue {
  const points = Array.from(prefix, (character) => character.codePointAt(0)!);
  while (points.at(-1) === 0x10ffff) points.pop();
  const last = points.pop();
  if (last === undefined) return new Uint8Array();
  // The surrogates between are not characters.
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.byteLength;
  }
  return out;
}

/** The contract is asynchronous, SQLite is not: what it throws becomes a rejection. */
async function settle<Result>(work: () => Result): Promise<Result> {
  return work();
}
