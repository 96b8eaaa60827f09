import { BindingError } from '../binding-error.ts';
import type { Connection, Executed } from './databases.ts';
import type { Feed } from './feed/feed.ts';
import { checkReserved } from './reserved.ts';
import {
  MAX_MESSAGE,
  MAX_QUERIES,
  NO_STATEMENTS,
  TOO_LARGE,
  type Query,
  type QueryAnswer,
  type QueryResult,
  type QueryValue,
} from './protocol.ts';

export interface ExecuteOptions {
  readonly now: () => number;
  /** Begins its feed, in the transaction; not there where it is known that nobody is told, and nobody was. */
  readonly begin?: ((connection: Connection) => Feed | null) | undefined;
}

/** Name of what answers, in each result's meta. */
const SERVED_BY = 'brink';

const utf8 = new TextEncoder();
const text = new TextDecoder();

/**
 * Runs what came from a cell, or from the admin API, on a database: the same code on every platform.
 *
 * @throws {BindingError} in the words of D1, with nothing done
 */
export function execute(connection: Connection, request: Uint8Array, { now, begin }: ExecuteOptions): Executed {
  const queries = queriesIn(request).filter(({ sql }) => !isBlank(sql));
  if (queries.length === 0) throw new BindingError(NO_STATEMENTS);
  const budget = { left: MAX_MESSAGE };
  for (const { sql } of queries) checkReserved(sql);
  const { results, told } = connection.transaction(() => {
    const feed = begin?.(connection) ?? null;
    const run = queries.map((query) => resultOf(connection, query, { budget, feed }));
    return { results: run, told: feed?.post() ?? false };
  });
  const bookmark = bookmarkOf(now(), connection.totals().changes);
  return { answer: utf8.encode(JSON.stringify({ results, bookmark } satisfies QueryAnswer)), told };
}

/** Whether D1 takes it for none: space, and remarks with space before them on their line or an empty line above. */
function isBlank(sql: string): boolean {
  const space = /\s*/y;
  const remark = /--.*/y;
  for (let at = 0; ;) {
    space.lastIndex = at;
    const found = space.exec(sql)![0];
    const end = at + found.length;
    if (end === sql.length) return true;
    const line = at === 0 ? 0 : at + found.search(/[\n\r\u2028\u2029]/) + 1;
    remark.lastIndex = end;
    if (line >= end || !remark.test(sql)) return false;
    at = remark.lastIndex;
  }
}

interface Running {
  readonly budget: { left: number };
  readonly feed: Feed | null;
}

function resultOf(connection: Connection, query: Query, { budget, feed }: Running): QueryResult {
  if (feed === null) return resultOfOne(connection, query, { budget, feed });
  const parts = feed.parts(query.sql);
  const last = parts.length - 1;
  const results = parts.map((sql, index) =>
    feed.around(sql, () => resultOfOne(connection, { sql, params: index === last ? query.params : [] }, { budget, feed })),
  );
  return results[last]!;
}

function resultOfOne(connection: Connection, { sql, params }: Query, { budget, feed }: Running): QueryResult {
  const ownBefore = feed?.written() ?? 0;
  const before = connection.totals();
  const sizeBefore = connection.size();
  const start = performance.now();
  const statement = connection.run(sql, params.map(bound));
  const rows: QueryValue[][] = [];
  for (const row of statement.rows) {
    rows.push(row.map(readable));
    budget.left -= row.reduce<number>((sum, value) => sum + weightOf(value), 2);
    if (budget.left < 0) throw new BindingError(`The results have more than about ${MAX_MESSAGE} bytes. Ask for fewer rows with LIMIT.`);
  }
  const duration = performance.now() - start;
  const after = connection.totals();
  const size = connection.size();
  // What triggers of the host's have written is not the function's.
  const own = (feed?.written() ?? 0) - ownBefore;
  const changes = after.changes - before.changes - own;
  const { rowsRead, rowsWritten } = statement.counts();
  return {
    columns: statement.columns,
    rows,
    meta: {
      served_by: SERVED_BY,
      served_by_primary: true,
      total_attempts: 1,
      timings: { sql_duration_ms: duration },
      duration,
      changes,
      last_row_id: after.lastRowId,
      changed_db: changes !== 0 || after.lastRowId !== before.lastRowId || size !== sizeBefore,
      size_after: size,
      rows_read: rowsRead,
      rows_written: Math.max(0, rowsWritten - own),
    },
  };
}

/** D1's mapping: bytes come back as a list of numbers. JSON has no number for what is not finite, and D1 gives null too. */
function readable(value: unknown): QueryValue {
  if (value instanceof ArrayBuffer) return Array.from(new Uint8Array(value));
  if (value instanceof Uint8Array) return Array.from(value);
  return value as QueryValue;
}

function bound(value: QueryValue): string | number | null | Uint8Array<ArrayBuffer> {
  return Array.isArray(value) ? Uint8Array.from(value as number[]) : (value as string | number | null);
}

/** About its length as JSON. */
function weightOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 3;
  if (value instanceof ArrayBuffer || value instanceof Uint8Array) return value.byteLength * 4 + 3;
  return 8;
}

/** Grows as time passes, and with each write of a connection: a session keeps the greatest. */
function bookmarkOf(time: number, changes: number): string {
  return `${time.toString(16).padStart(12, '0')}-${changes.toString(16).padStart(12, '0')}`;
}

function queriesIn(request: Uint8Array): Query[] {
  if (request.byteLength > MAX_MESSAGE) throw new BindingError(TOO_LARGE);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.decode(request));
  } catch {
    throw malformed('The queries are not JSON.');
  }
  const queries = (Object(parsed) as { queries?: unknown }).queries;
  if (!Array.isArray(queries)) throw malformed('The queries are no list.');
  if (queries.length > MAX_QUERIES) throw new BindingError(`There are more than ${MAX_QUERIES} statements in one call.`);
  return queries.map((query: unknown) => {
    const { sql, params = [] } = Object(query) as { sql?: unknown; params?: unknown };
    if (typeof sql !== 'string') throw malformed('A statement is a string.');
    if (!Array.isArray(params) || !params.every(isValue)) throw malformed('A parameter is a string, a number, null or bytes.');
    return { sql: sql.toWellFormed(), params: params.map((value) => (typeof value === 'string' ? value.toWellFormed() : value)) };
  });
}

function isValue(value: unknown): value is QueryValue {
  return value === null || typeof value === 'string' || typeof value === 'number' || (Array.isArray(value) && value.every(isByte));
}

function isByte(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < 256;
}

function malformed(message: string): BindingError {
  return new BindingError(message, { name: 'TypeError' });
}
