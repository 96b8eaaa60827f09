/**
 * A function that does to `env.DB` what it is told: one suite runs in a test, in a cell and in a plain Worker. It imports
 * nothing, so that its text alone is a module.
 */
export type Tagged =
  | { readonly t: 'json'; readonly v: unknown }
  | { readonly t: 'undefined' | 'symbol' | 'function' | 'nan' | 'date' }
  | { readonly t: 'bigint'; readonly v: string }
  | { readonly t: 'buffer' | 'view' | 'words'; readonly v: readonly number[] };

export interface Statement {
  readonly sql: unknown;
  readonly params?: readonly Tagged[] | undefined;
}

export type Order =
  | ({ readonly method: 'all' | 'run' } & Statement)
  | ({ readonly method: 'first'; readonly column?: string | undefined } & Statement)
  | ({ readonly method: 'raw'; readonly options?: object | undefined } & Statement)
  | { readonly method: 'batch'; readonly statements: readonly Statement[] }
  | { readonly method: 'exec'; readonly sql: string }
  | { readonly method: 'dump' }
  /** Several orders in one session; each comes back with the bookmark after it, and the first with that before. */
  | { readonly method: 'session'; readonly start: string | null; readonly orders: readonly Order[] };

export type Outcome =
  { readonly value: unknown } | { readonly error: { readonly name: string; readonly message: string; readonly cause: string | undefined } };

export default {
  async fetch(request: Request, env: { readonly DB: object }): Promise<Response> {
    const orders = (await request.json()) as Order[];
    const outcomes: Outcome[] = [];
    for (const order of orders) outcomes.push(await perform(env.DB, order));
    return Response.json(outcomes);
  },
};

/** What both of a database and of a session have. */
interface Database {
  prepare(sql: unknown): Prepared;
  batch(statements: readonly Prepared[]): Promise<unknown>;
  exec(sql: string): Promise<unknown>;
  dump(): Promise<unknown>;
  withSession(start: string | null): Database;
  getBookmark(): string | null;
}

interface Prepared {
  bind(...values: unknown[]): Prepared;
  all(): Promise<unknown>;
  run(): Promise<unknown>;
  first(...args: unknown[]): Promise<unknown>;
  raw(...args: unknown[]): Promise<unknown>;
}

export async function perform(binding: object, order: Order): Promise<Outcome> {
  try {
    return { value: await done(binding as Database, order) };
  } catch (error) {
    const { name, message, cause } = error as Error;
    return { error: { name, message, cause: (cause as Error | undefined)?.message } };
  }
}

async function done(database: Database, order: Order): Promise<unknown> {
  switch (order.method) {
    case 'all':
    case 'run':
      return prepared(database, order)[order.method]();
    case 'first':
      return order.column === undefined ? prepared(database, order).first() : prepared(database, order).first(order.column);
    case 'raw':
      return order.options === undefined ? prepared(database, order).raw() : prepared(database, order).raw(order.options);
    case 'batch':
      return database.batch(order.statements.map((statement) => prepared(database, statement)));
    case 'exec':
      return database.exec(order.sql);
    case 'dump':
      return database.dump();
    case 'session': {
      const session = database.withSession(order.start);
      const steps: unknown[] = [session.getBookmark()];
      for (const each of order.orders) steps.push([await perform(session, each), session.getBookmark()]);
      return steps;
    }
  }
}

function prepared(database: Database, { sql, params }: Statement): Prepared {
  const statement = database.prepare(sql);
  return params === undefined ? statement : statement.bind(...params.map(untagged));
}

function untagged(value: Tagged): unknown {
  switch (value.t) {
    case 'json':
      return value.v;
    case 'undefined':
      return undefined;
    case 'symbol':
      return Symbol('s');
    case 'function':
      return untagged;
    case 'nan':
      return NaN;
    case 'date':
      return new Date(0);
    case 'bigint':
      return BigInt(value.v);
    case 'buffer':
      return Uint8Array.from(value.v).buffer;
    case 'view':
      return Uint8Array.from([0, ...value.v, 0]).subarray(1, value.v.length + 1);
    case 'words':
      return Uint16Array.from(value.v);
  }
}
