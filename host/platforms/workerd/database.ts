import { BindingError } from '../../bindings/binding-error.ts';
import type { Connection, Executed, Statement, WatchableDatabase } from '../../bindings/d1/databases.ts';
import type { RowRule } from '../../registry/change-rules.ts';
import { execute } from '../../bindings/d1/execute.ts';
import { beginFeed } from '../../bindings/d1/feed/feed.ts';
import { outboxIn } from '../../bindings/d1/feed/outbox.ts';

/** The SQLite of a Durable Object as a database of a function, which is what D1 is made of. It refuses what D1 refuses. */
export function databaseIn(storage: DurableObjectState['storage'], maxSize: number): WatchableDatabase {
  const size = () => storage.sql.databaseSize;
  const connection: Connection = {
    transaction: (body) =>
      storage.transactionSync(() => {
        const before = size();
        const result = body();
        // What a function has SQLite do as it writes more than its database may have is undone, in the words of SQLite.
        if (size() > Math.max(maxSize, before)) throw new BindingError('database or disk is full: SQLITE_FULL');
        return result;
      }),
    run: (sql, params) => statementOf(() => storage.sql.exec(sql, ...params)),
    own: (sql, params = []) => guarded(() => storage.sql.exec(sql, ...params).toArray()),
    totals() {
      const [row] = storage.sql.exec('SELECT total_changes() AS changes, last_insert_rowid() AS lastRowId').toArray();
      return { changes: Number(row!['changes']), lastRowId: Number(row!['lastRowId']) };
    },
    size,
  };
  /** Nobody is told, and there is nothing left of a time when somebody was. */
  let unwatched = false;
  const executed = (request: Uint8Array, rules: readonly RowRule[]): Executed => {
    const begin = unwatched && rules.length === 0 ? undefined : () => beginFeed(connection, { rules, now: Date.now });
    const done = execute(connection, request, { begin, now: Date.now });
    unwatched = rules.length === 0;
    return done;
  };
  return {
    query: async (request) => executed(request, []).answer,
    execute: async (request, rules) => executed(request, rules),
    outbox: {
      queues: async () => outboxIn(connection).queues(),
      first: async (queue, limit) => outboxIn(connection).first(queue, limit),
      remove: async (posted, queue) =>
        outboxIn(connection).remove(
          queue,
          posted.map(({ seq }) => seq),
        ),
    },
  };
}

function statementOf(run: () => SqlCursor): Statement {
  const cursor = guarded(run);
  return {
    columns: cursor.columnNames,
    rows: guardedRows(cursor),
    counts: () => ({ rowsRead: cursor.rowsRead, rowsWritten: cursor.rowsWritten }),
  };
}

function* guardedRows(cursor: SqlCursor): Generator<readonly unknown[]> {
  const rows = cursor.raw();
  for (;;) {
    const { done, value } = guarded(() => rows.next());
    if (done) return;
    yield value;
  }
}

/** What it throws is about the function's own SQL. */
function guarded<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw new BindingError(error instanceof Error ? error.message : String(error));
  }
}
