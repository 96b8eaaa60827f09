import type { Call } from '../binding.ts';
import { MAX_MESSAGE, TOO_LARGE, type Query, type QueryAnswer, type QueryMeta, type QueryResult, type QueryValue } from './protocol.ts';

interface D1Result {
  readonly success: true;
  readonly meta: QueryMeta;
  readonly results: Record<string, QueryValue>[];
}

/** Sends queries, each in one transaction with the others of its call. */
type Send = (queries: readonly Query[], prefix?: string) => Promise<readonly QueryResult[]>;

/** Where to begin, which is no bookmark. */
const CONSTRAINTS = ['first-primary', 'first-unconstrained'];

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** `D1Database` of `sdk/d1.ts`, in the cell. */
export class D1Database {
  readonly #call: Call;
  readonly #send: Send;

  constructor(call: Call) {
    this.#call = call;
    this.#send = sender(call, () => {});
  }

  prepare(query: unknown): D1PreparedStatement {
    return new D1PreparedStatement(this.#send, query, []);
  }

  batch(statements: readonly D1PreparedStatement[]): Promise<D1Result[]> {
    return batch(this.#send, statements);
  }

  async exec(query: string): Promise<{ count: number; duration: number }> {
    const lines = query.trim().split('\n');
    // Which of the lines it is, D1 does not say either.
    const results = await this.#send(
      lines.map((sql) => ({ sql, params: [] })),
      `D1_EXEC_ERROR: Error in line 1: ${lines[0]}: `,
    );
    return { count: results.length, duration: results.reduce((sum, { meta }) => sum + meta.duration, 0) };
  }

  withSession(constraintOrBookmark?: string | null): D1DatabaseSession {
    const start = constraintOrBookmark?.trim() ?? '';
    return new D1DatabaseSession(this.#call, start === '' || CONSTRAINTS.includes(start) ? null : start);
  }

  async dump(): Promise<never> {
    throw failed('D1_DUMP_ERROR: ', 'A database cannot be dumped: D1 has ended this method. Read its tables instead.');
  }
}

export class D1DatabaseSession {
  readonly #send: Send;
  #bookmark: string | null;

  constructor(call: Call, bookmark: string | null) {
    this.#bookmark = bookmark;
    this.#send = sender(call, (latest) => {
      if (this.#bookmark === null || this.#bookmark < latest) this.#bookmark = latest;
    });
  }

  prepare(query: unknown): D1PreparedStatement {
    return new D1PreparedStatement(this.#send, query, []);
  }

  batch(statements: readonly D1PreparedStatement[]): Promise<D1Result[]> {
    return batch(this.#send, statements);
  }

  getBookmark(): string | null {
    return this.#bookmark;
  }
}

export class D1PreparedStatement {
  readonly #send: Send;
  readonly statement: unknown;
  readonly params: readonly QueryValue[];

  constructor(send: Send, statement: unknown, params: readonly QueryValue[]) {
    this.#send = send;
    this.statement = statement;
    this.params = params;
  }

  bind(...values: readonly unknown[]): D1PreparedStatement {
    return new D1PreparedStatement(this.#send, this.statement, values.map(valueOf));
  }

  async first(column?: string): Promise<unknown> {
    const [row] = objectsOf(await this.#run());
    if (row === undefined) return null;
    if (column === undefined) return row;
    if (row[column] === undefined)
      throw new Error(`D1_COLUMN_NOTFOUND: Column not found (${column})`, { cause: new Error('Column not found') });
    return row[column];
  }

  async run(): Promise<D1Result> {
    return resultOf(await this.#run());
  }

  async all(): Promise<D1Result> {
    return resultOf(await this.#run());
  }

  async raw(options?: { readonly columnNames?: boolean }): Promise<unknown[]> {
    const { columns, rows } = await this.#run();
    return options?.columnNames ? [columns, ...rows] : [...rows];
  }

  async #run(): Promise<QueryResult> {
    return (await this.#send([queryOf(this)]))[0]!;
  }
}

async function batch(send: Send, statements: readonly D1PreparedStatement[]): Promise<D1Result[]> {
  return (await send(statements.map(queryOf))).map(resultOf);
}

function queryOf({ statement, params }: D1PreparedStatement): Query {
  return { sql: statement as string, params };
}

function sender(call: Call, seen: (bookmark: string) => void): Send {
  return async (queries, prefix = 'D1_ERROR: ') => {
    const body = utf8.encode(JSON.stringify({ queries }));
    if (body.byteLength > MAX_MESSAGE) throw failed(prefix, TOO_LARGE);
    const { body: answer } = await call('query', [], body).catch((error: unknown) => {
      throw failed(prefix, error instanceof Error ? error.message : String(error));
    });
    const { results, bookmark } = JSON.parse(text.decode(answer as Uint8Array)) as QueryAnswer;
    seen(bookmark);
    return results;
  };
}

/** As D1 throws it: what SQLite said is the cause, too; of `exec`, with the line before it. */
function failed(prefix: string, message: string): Error {
  const told = prefix + message;
  return new Error(told, { cause: new Error(told.slice(told.indexOf(': ') + 2)) });
}

function resultOf(result: QueryResult): D1Result {
  return { success: true, meta: result.meta, results: objectsOf(result) };
}

/** Of two columns of one name, the last is there. */
function objectsOf({ columns, rows }: QueryResult): Record<string, QueryValue>[] {
  return rows.map((row) => Object.fromEntries(row.map((value, index) => [columns[index], value])) as Record<string, QueryValue>);
}

function valueOf(value: unknown): QueryValue {
  if (typeof value === 'number' || typeof value === 'string' || value === null) return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (Array.isArray(value) && value.every((byte) => typeof byte === 'number' && byte >= 0 && byte < 256)) return [...(value as number[])];
  if (value instanceof ArrayBuffer) return Array.from(new Uint8Array(value));
  // Element by element, as D1 does, so that each becomes a byte.
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(new Uint8Array(value as unknown as ArrayLike<number>));
  const message = `Type '${typeof value}' not supported for value '${String(value as string)}'`;
  throw new Error(`D1_TYPE_ERROR: ${message}`, { cause: new Error(message) });
}
