import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { dirname } from 'node:path';
import { BrinkError } from '../../errors.ts';
import type { Sql, SqlValue } from '../../stores/sql.ts';

/** SQLite's result code for a file that someone else has locked; an extended code holds it in its low byte. */
const SQLITE_BUSY = 5;

/**
 * Opens a SQLite file, or makes it; `:memory:` keeps everything in memory. What a transaction has written survives
 * `kill -9` and power loss: the write-ahead log is synced before `transaction` returns. The file is this process's
 * alone until `close`, or until the process ends, however it ends.
 *
 * @throws {BrinkError} `state-in-use` where another host has it open, `store-unavailable` where it cannot be opened
 */
export function openSql(path: string): Sql & { close(): void } {
  const database = open(path);
  const statements = new Map<string, StatementSync>();
  const prepared = (query: string) => {
    const known = statements.get(query);
    if (known) return known;
    const statement = database.prepare(query);
    statements.set(query, statement);
    return statement;
  };
  const guarded = <Result>(work: () => Result) => guard(path, work);
  return {
    all: (query, ...params) => guarded(() => prepared(query).all(...params) as Record<string, SqlValue>[]),
    run: (query, ...params) => guarded(() => void prepared(query).run(...params)),
    transaction(body) {
      guarded(() => prepared('BEGIN IMMEDIATE').run());
      try {
        const result = body();
        guarded(() => prepared('COMMIT').run());
        return result;
      } catch (error) {
        // Some errors, such as a full disk, have rolled it back already.
        if (database.isTransaction) prepared('ROLLBACK').run();
        throw error;
      }
    },
    close: () => database.close(),
  };
}

function open(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    // Exclusive before the log's first use: the lock is then held from here on, and no shared memory file is needed.
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = FULL');
    database.exec('BEGIN IMMEDIATE; COMMIT');
    return database;
  } catch (cause) {
    if (database?.isOpen) database.close();
    if (isBusy(cause)) {
      throw new BrinkError(
        'state-in-use',
        `The state in ${dirname(path)} is in use by another host. Stop that one, or choose another directory with \`--state DIR\`.`,
        {
          cause,
          details: { state: dirname(path) },
        },
      );
    }
    throw new BrinkError(
      'store-unavailable',
      `The state ${path} cannot be opened: ${reason(cause)}. Check that its directory is there and that this user may write to it.`,
      {
        cause,
      },
    );
  }
}

/** What SQLite throws, with a code of ours; errors of the caller's own pass. */
function guard<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    if (sqliteCode(cause) === undefined) throw cause;
    throw new BrinkError('store-unavailable', `The state ${path} cannot be read or written: ${reason(cause)}.`, { cause });
  }
}

function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code !== undefined && (code & 0xff) === SQLITE_BUSY;
}

function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
