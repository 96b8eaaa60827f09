/**
 * A SQL database, bound to the function by `d1_databases` of its manifest and found as `env.NAME`. The API is that of
 * Workers, https://developers.cloudflare.com/d1/worker-api/, and the SQL is SQLite's, with full-text search (`fts5`),
 * R*Trees, JSON, maths and window functions. Foreign keys are enforced.
 *
 * **Consistency.** A database has one place where it is kept, and its calls take turns there: each sees all that calls
 * before it have written, from whichever function, cell or machine. A call of `batch` is one transaction, and so is each
 * call of `run`, `all`, `first`, `raw` and `exec` for itself. `BEGIN` and `SAVEPOINT` are refused: a transaction never
 * stays open between two calls.
 *
 * **Durability.** What a call has written when it resolves survives the end of the host's process; on Node also a loss of
 * power. Without a state directory, a database is gone when the host stops.
 *
 * **Limits.** A statement has at most 100,000 bytes and 100 parameters; a table or a result 100 columns; a string, a blob
 * or a row 2 MB on Cloudflare and 4 MiB on Node; a pattern of `LIKE` or `GLOB` 50 bytes; a compound `SELECT` five terms. A database has at most 10 GB. A
 * call may send 16 MiB and get about as much back, as JSON, and may take 30 seconds on Node, where it is ended then; of
 * one database 1,000 calls may wait.
 *
 * **What SQL may not do.** `ATTACH`, `VACUUM`, temporary tables, extensions, tables whose name begins with `_cf_`, and each
 * `PRAGMA` but these: `table_list`, `table_info`, `table_xinfo`, `index_list`, `index_info`, `index_xinfo`,
 * `foreign_key_list`, `foreign_key_check`, `quick_check`, `optimize`, `data_version`, `page_size`, and the switches
 * `foreign_keys`, `defer_foreign_keys`, `case_sensitive_like`, `ignore_check_constraints`, `legacy_alter_table`,
 * `recursive_triggers` and `reverse_unordered_selects`.
 *
 * **Errors.** Each method that returns a promise rejects it with an `Error`, in the words of D1 and SQLite:
 * `D1_ERROR: UNIQUE constraint failed: user.name: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_UNIQUE)`. Its `cause` is
 * an error with the part after `D1_ERROR: `. Nothing of the call has been done then.
 *
 * @example
 * ```ts
 * const { results } = await env.DB.prepare('SELECT name FROM user WHERE age >= ?').bind(18).all<{ name: string }>();
 * await env.DB.batch([
 *   env.DB.prepare('UPDATE account SET balance = balance - ? WHERE id = ?').bind(10, from),
 *   env.DB.prepare('UPDATE account SET balance = balance + ? WHERE id = ?').bind(10, to),
 * ]);
 * ```
 */
export interface D1Database {
  /** A statement, which is not looked at before it is run. */
  prepare(query: string): D1PreparedStatement;

  /**
   * Runs statements one after the other in one transaction: all of them, or none where one fails.
   *
   * @returns the result of each
   * @throws {Error} `D1_ERROR`, of the first that failed
   */
  batch<Row = unknown>(statements: readonly D1PreparedStatement[]): Promise<D1Result<Row>[]>;

  /**
   * Runs each line as SQL of its own, without parameters, in one transaction: for set-up and by hand. Lines that are empty
   * or a comment are left out, as D1 has it, and a statement of several lines fails.
   *
   * @throws {Error} `D1_EXEC_ERROR`
   */
  exec(query: string): Promise<D1ExecResult>;

  /**
   * On Cloudflare, reads of a session may go to replicas that are as new as its bookmark. Here there is one place, and
   * every read is the newest: a session does what the database does, and gives bookmarks so that code of Workers runs.
   *
   * @param constraintOrBookmark `first-primary`, `first-unconstrained` (the default), or a bookmark of an earlier session
   */
  withSession(constraintOrBookmark?: 'first-primary' | 'first-unconstrained' | (string & {})): D1DatabaseSession;

  /** @deprecated rejects with `D1_DUMP_ERROR`, as D1 has ended it */
  dump(): Promise<ArrayBuffer>;
}

/** A part of a database's methods; see `D1Database.withSession`. */
export interface D1DatabaseSession {
  prepare(query: string): D1PreparedStatement;
  batch<Row = unknown>(statements: readonly D1PreparedStatement[]): Promise<D1Result<Row>[]>;
  /** Of the newest result of this session, or that which it began with; null before there is one. Later ones sort behind earlier ones. */
  getBookmark(): string | null;
}

export interface D1PreparedStatement {
  /**
   * The same statement with values for its parameters, in their order: `?`, `?1`, or names such as `:id`, all by position.
   *
   * | value | in SQLite |
   * |---|---|
   * | number | REAL; a column of integers makes it INTEGER where it is whole |
   * | string | TEXT |
   * | boolean | 1 or 0 |
   * | null | NULL |
   * | `ArrayBuffer`, a view, or a list of numbers 0 to 255 | BLOB |
   *
   * @throws {Error} `D1_TYPE_ERROR` for any other value, such as undefined, a bigint or a `Date`
   */
  bind(...values: readonly unknown[]): D1PreparedStatement;

  /**
   * The first row, or the value of one of its columns; null where there is no row.
   *
   * @throws {Error} `D1_COLUMN_NOTFOUND` where the row has no such column
   */
  first<Value = unknown>(column: string): Promise<Value | null>;
  first<Row = Record<string, unknown>>(): Promise<Row | null>;

  /** Runs it, and gives all rows with what was counted. `all` and `run` do the same. */
  all<Row = Record<string, unknown>>(): Promise<D1Result<Row>>;
  run<Row = Record<string, unknown>>(): Promise<D1Result<Row>>;

  /** The rows as lists of values; with `columnNames` the first is the list of the columns' names. */
  raw<Row = unknown[]>(options: { readonly columnNames: true }): Promise<[string[], ...Row[]]>;
  raw<Row = unknown[]>(options?: { readonly columnNames?: false }): Promise<Row[]>;
}

/**
 * The rows of a statement. TEXT is a string, NULL is null, INTEGER and REAL are numbers (beyond 2^53 not exact ones, and
 * infinity is null), BLOB is a list of numbers. Of two columns with one name, the last counts.
 */
export interface D1Result<Row = unknown> {
  readonly success: true;
  readonly results: Row[];
  readonly meta: D1Meta;
}

export interface D1Meta {
  /** `brink`. */
  readonly served_by: string;
  readonly served_by_primary: boolean;
  readonly total_attempts: number;
  readonly timings: { readonly sql_duration_ms: number };
  /** Milliseconds that SQLite took. On workerd 0: time stands still there while code runs. */
  readonly duration: number;
  /** Rows that were inserted, changed or deleted, by triggers and foreign keys as well. */
  readonly changes: number;
  /** The id of the row that was inserted last, by whichever statement; 0 where there was none since the database was opened. */
  readonly last_row_id: number;
  readonly changed_db: boolean;
  /** Bytes of the database after it. */
  readonly size_after: number;
  /** On workerd what SQLite counted. On Node an estimate: rows of tables that were read in whole, or rows of the result. */
  readonly rows_read: number;
  /** On workerd also the rows of indexes. On Node the same as `changes`. */
  readonly rows_written: number;
}

export interface D1ExecResult {
  /** Lines that were run. */
  readonly count: number;
  /** Milliseconds of all of them. */
  readonly duration: number;
}
