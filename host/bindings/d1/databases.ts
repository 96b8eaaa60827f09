import type { RowRule } from '../../registry/change-rules.ts';
import type { Outbox } from '../../stores/outbox.ts';

/** SQL databases by scope: each is made when it is first used. */
export interface Databases {
  open(scope: string): Database;
  /** Moves what one has to tell of its rows to the queues; false where something is left. Not there where nobody is told. */
  flush?(scope: string): Promise<boolean>;
}

export interface Database {
  /**
   * Runs queries in one transaction, one after the other: all of them or none. Both sides are JSON as bytes, `QueryRequest`
   * and `QueryAnswer`, so that what passes them on need not read them. What it has done when it resolves, stays done.
   *
   * @throws {BindingError} in the words of SQLite; the transaction is rolled back
   */
  query(request: Uint8Array): Promise<Uint8Array>;
}

/** Databases whose changes can be told to queues. */
export interface WatchableDatabases extends Databases {
  open(scope: string): WatchableDatabase;
}

export interface WatchableDatabase extends Database {
  /** As `query`, of which nobody is told. Says as well whether the outbox has something. */
  execute(request: Uint8Array, rules: readonly RowRule[]): Promise<Executed>;
  readonly outbox: Outbox;
}

export interface Executed {
  readonly answer: Uint8Array;
  readonly told: boolean;
}

/** An open database, to the code that runs queries on it (`execute.ts`): everything is synchronous, as SQLite is. */
export interface Connection {
  transaction<Result>(body: () => Result): Result;
  /** Runs all statements of a text; parameters and results are those of the last. @throws {BindingError} */
  run(sql: string, params: readonly (string | number | null | Uint8Array<ArrayBuffer>)[]): Statement;
  /** Runs a statement of the host's own, which may do anything. */
  own(sql: string, params?: readonly (string | number | null | Uint8Array<ArrayBuffer>)[]): Record<string, unknown>[];
  /** Rows changed since the connection was opened, and the id of the row that was inserted last. */
  totals(): { readonly changes: number; readonly lastRowId: number };
  /** Bytes that are in use. */
  size(): number;
}

export interface Statement {
  readonly columns: readonly string[];
  /** To be read once. @throws {BindingError} */
  readonly rows: Iterable<readonly unknown[]>;
  /** When all rows have been read. */
  counts(): { readonly rowsRead: number; readonly rowsWritten: number };
}
