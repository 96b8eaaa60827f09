import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { BindingError } from '../../../bindings/binding-error.ts';
import type { Connection } from '../../../bindings/d1/databases.ts';
import { parametersOf } from '../../../bindings/d1/parameters.ts';
import { Authorizer } from './authorizer.ts';
import { resultCode } from './result-code.ts';

export interface ConnectionOptions {
  /** Bytes that the database may have. */
  readonly maxSize: number;
}

interface Prepared {
  readonly statement: StatementSync & Counting;
  /** Names of its parameters by index; null for those without. */
  readonly parameters: readonly (string | null)[];
  /** What stands behind it. */
  readonly rest: string;
}

/** Node's, which its types do not have yet. */
interface Counting {
  stat(counter: 'fullscanStep'): number;
  resetStats(): void;
}

type Value = string | number | null | Uint8Array<ArrayBuffer>;

/** Those of Durable Objects, as https://www.sqlite.org/security.html recommends them. */
const LIMITS = {
  length: 4 * 1024 * 1024,
  sqlLength: 100_000,
  column: 100,
  exprDepth: 100,
  compoundSelect: 5,
  vdbeOp: 25_000,
  functionArg: 127,
  attach: 0,
  likePatternLength: 50,
  variableNumber: 100,
  triggerDepth: 10,
};

const MAX_STATEMENTS = 100;
const NO_STATEMENT = 'SQL code did not contain a statement.';
const NOT_THE_LAST = 'When executing multiple SQL statements in a single call, only the last statement can have parameters.';
const WRONG_NUMBER = 'Wrong number of parameter bindings for SQL query.';

/**
 * Opens a database for SQL that a function wrote, or makes it. What a transaction has written survives `kill -9` and power
 * loss. Other processes of this host may have it open as well.
 */
export function openConnection(path: string, { maxSize }: ConnectionOptions): Connection & { close(): void } {
  const database = new DatabaseSync(path, { timeout: 10_000, defensive: true, enableDoubleQuotedStringLiterals: true, limits: LIMITS });
  const authorizer = new Authorizer();
  const known = new Map<string, Prepared>();
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
  database.exec(`PRAGMA max_page_count = ${Math.ceil(maxSize / pageSize(database))}`);
  database.setAuthorizer(authorizer.decide);
  const own = createOwn(database, authorizer);

  function prepare(sql: string): Prepared {
    const found = known.get(sql);
    if (found !== undefined) return found;
    const statement = guarded(authorizer, () => database.prepare(sql)) as StatementSync & Counting;
    statement.setReturnArrays(true);
    statement.setReadBigInts(true);
    const text = statement.sourceSQL;
    const prepared = { statement, parameters: parametersOf(text), rest: sql.slice(text.length).replace(/^[ \t\n\v\f\r]+/, '') };
    if (prepared.rest === '') keep(known, sql, prepared);
    return prepared;
  }

  return {
    transaction(body) {
      own.begin();
      try {
        const result = body();
        own.commit();
        return result;
      } catch (error) {
        // Some errors, such as a full disk, have rolled it back already.
        if (database.isTransaction) own.rollback();
        throw error;
      }
    },
    run(sql, params) {
      let prepared = prepare(sql);
      while (prepared.rest !== '') {
        if (prepared.parameters.length > 0) throw new BindingError(NOT_THE_LAST);
        const { statement, rest } = prepared;
        guarded(authorizer, () => statement.all());
        prepared = prepare(rest);
      }
      const { statement, parameters } = prepared;
      if (parameters.length !== params.length) throw new BindingError(WRONG_NUMBER);
      const before = own.totals().changes;
      let returned = 0;
      statement.resetStats();
      return {
        columns: statement.columns().map(({ name }) => name),
        rows: rowsOf(authorizer, statement, { params: bindable(parameters, params), count: () => returned++ }),
        counts: () => ({
          rowsRead: Math.max(returned, stepsOf(statement)),
          rowsWritten: own.totals().changes - before,
        }),
      };
    },
    own: (sql, params = []) => own.all(sql, params),
    totals: own.totals,
    size: own.size,
    close() {
      known.clear();
      database.close();
    },
  };
}

/** Statements of the host's own. */
function createOwn(database: DatabaseSync, authorizer: Authorizer) {
  const trusted = <Result>(work: () => Result): Result => {
    authorizer.trusted = true;
    try {
      return guarded(authorizer, work);
    } finally {
      authorizer.trusted = false;
    }
  };
  const prepared = (sql: string) => trusted(() => database.prepare(sql));
  const kept = new Map<string, StatementSync>();
  const [begin, commit, rollback] = ['BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK'].map(prepared) as [
    StatementSync,
    StatementSync,
    StatementSync,
  ];
  const totals = prepared('SELECT total_changes() AS changes, last_insert_rowid() AS lastRowId');
  const size = prepared(
    'SELECT (page_count - freelist_count) * page_size AS size FROM pragma_page_count, pragma_freelist_count, pragma_page_size',
  );
  totals.setReadBigInts(true);
  return {
    begin: () => void trusted(() => begin.run()),
    commit: () => void trusted(() => commit.run()),
    rollback: () => void trusted(() => rollback.run()),
    all(sql: string, params: readonly Value[]): Record<string, unknown>[] {
      let statement = kept.get(sql);
      if (statement === undefined) {
        statement = prepared(sql);
        keep(kept, sql, statement);
      }
      return trusted(() => statement.all(...params)) as Record<string, unknown>[];
    },
    totals() {
      const { changes, lastRowId } = trusted(() => totals.get())!;
      return { changes: Number(changes), lastRowId: Number(lastRowId) };
    },
    size: () => Number(trusted(() => size.get())!['size']),
  };
}

interface RowsOptions {
  readonly params: Parameters<StatementSync['iterate']>;
  readonly count: () => void;
}

function* rowsOf(authorizer: Authorizer, statement: StatementSync, { params, count }: RowsOptions): Generator<readonly unknown[]> {
  const iterator = guarded(authorizer, () => statement.iterate(...params)) as unknown as Iterator<unknown[]>;
  try {
    for (;;) {
      const { done, value } = guarded(authorizer, () => iterator.next());
      if (done) return;
      count();
      yield value.map((each: unknown) => (typeof each === 'bigint' ? Number(each) : each));
    }
  } finally {
    // A statement that stands in the middle of its rows would hold the transaction open.
    iterator.return?.();
  }
}

/** By position, as D1 binds them; Node takes what has a name by its name alone. */
function bindable(parameters: readonly (string | null)[], params: readonly Value[]): Parameters<StatementSync['iterate']> {
  if (parameters.every((name) => name === null)) return params as unknown as Parameters<StatementSync['iterate']>;
  const named = Object.fromEntries(parameters.flatMap((name, index) => (name === null ? [] : [[name, params[index]!]])));
  return [named, ...params.filter((_value, index) => parameters[index] === null)];
}

/** SQLite counts the steps from row to row of whole tables, not the rows that an index found. */
function stepsOf(statement: Counting): number {
  const steps = statement.stat('fullscanStep');
  return steps === 0 ? 0 : steps + 1;
}

function keep<Kept>(known: Map<string, Kept>, sql: string, prepared: Kept): void {
  if (known.size >= MAX_STATEMENTS) known.delete(known.keys().next().value!);
  known.set(sql, prepared);
}

function pageSize(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA page_size').get()!['page_size']);
}

/** What SQLite throws, in the words of Workers. */
function guarded<Result>(authorizer: Authorizer, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    const { message, errcode, code } = error as Error & { errcode?: number; code?: string };
    const reason = authorizer.reason;
    authorizer.reason = undefined;
    if (reason !== undefined) throw new BindingError(reason);
    if (errcode !== undefined) throw new BindingError(`${message}: ${resultCode(errcode)}`);
    if (code === 'ERR_INVALID_ARG_VALUE') throw new BindingError(NO_STATEMENT);
    throw error;
  }
}
