import { readFile } from 'node:fs/promises';
import { transform } from 'esbuild';
import { answer, openBinding } from '../../host/bindings/kinds.ts';
import { createClients } from '../../host/bindings/clients.ts';
import type { Databases } from '../../host/bindings/d1/databases.ts';
import { createMemoryStore } from '../../host/stores/memory.ts';
import type { D1Database, D1Result } from '../../sdk/d1.ts';
import { perform, type Order, type Outcome, type Statement, type Tagged } from './d1-function.ts';
import { bindingState } from './state.ts';

/** A database, wherever it is. */
export interface TestD1 {
  all(sql: unknown, ...params: unknown[]): Promise<D1Result>;
  run(sql: unknown, ...params: unknown[]): Promise<D1Result>;
  /** The results of `all`. */
  rows(sql: unknown, ...params: unknown[]): Promise<Record<string, unknown>[]>;
  /** The one value of the one row. */
  value(sql: string, ...params: unknown[]): Promise<unknown>;
  first(sql: string, column?: string): Promise<unknown>;
  raw(sql: string, options?: object): Promise<unknown[]>;
  batch(...statements: (readonly [sql: string, ...params: unknown[]])[]): Promise<D1Result[]>;
  exec(sql: string): Promise<{ count: number; duration: number }>;
  dump(): Promise<unknown>;
  session(start: string | null, orders: readonly Order[]): Promise<unknown[]>;
  /** Any orders, one after the other, in one invocation. */
  outcomes(orders: readonly Order[]): Promise<readonly Outcome[]>;
}

const TAGGED = Symbol('tagged');

/** Marks what a suite means by a tag. */
export function tag(value: Tagged): object {
  return { [TAGGED]: value };
}

/** The suite's side of `d1-function.ts`. */
export function d1By(outcomes: TestD1['outcomes']): TestD1 {
  const done = async <Value>(order: Order): Promise<Value> => {
    const [outcome] = await outcomes([order]);
    if ('value' in outcome!) return outcome.value as Value;
    const { name, message, cause } = outcome!.error;
    throw Object.assign(new Error(message), { name, cause });
  };
  const all = (sql: unknown, ...params: unknown[]) => done<D1Result>({ method: 'all', ...statement(sql, params) });
  const rows = async (sql: unknown, ...params: unknown[]) => (await all(sql, ...params)).results as Record<string, unknown>[];
  return {
    all,
    rows,
    run: (sql, ...params) => done({ method: 'run', ...statement(sql, params) }),
    async value(sql, ...params) {
      const [row] = await rows(sql, ...params);
      return Object.values(row!)[0];
    },
    first: (sql, column) => done({ method: 'first', sql, column }),
    raw: (sql, options) => done({ method: 'raw', sql, options }),
    batch: (...statements) => done({ method: 'batch', statements: statements.map(([sql, ...params]) => statement(sql, params)) }),
    exec: (sql) => done({ method: 'exec', sql }),
    dump: () => done({ method: 'dump' }),
    session: (start, orders) => done({ method: 'session', start, orders }),
    outcomes,
  };
}

function statement(sql: unknown, params: readonly unknown[]): Statement {
  return params.length === 0 ? { sql } : { sql, params: params.map(tagged) };
}

export function tagged(value: unknown): Tagged {
  if (value === undefined) return { t: 'undefined' };
  if (typeof value === 'bigint') return { t: 'bigint', v: String(value) };
  if (value !== null && typeof value === 'object' && TAGGED in value) return value[TAGGED] as Tagged;
  return { t: 'json', v: value };
}

/** The binding in this process: both of its sides, with the border in between. */
export function d1On(databases: Databases, scope = 'id/test'): TestD1 {
  const database = databaseOn(databases, scope);
  return d1By(async (orders) => {
    const outcomes: Outcome[] = [];
    for (const order of orders) outcomes.push(await perform(database, order));
    return JSON.parse(JSON.stringify(outcomes)) as Outcome[];
  });
}

export function databaseOn(databases: Databases, scope = 'id/test'): D1Database {
  const methods = openBinding({ kind: 'd1', scope }, { ...bindingState(createMemoryStore(Date.now)), databases });
  const { DB } = createClients([{ name: 'DB', kind: 'd1' }], { transportOf: () => (call) => answer(methods, call) });
  return DB as D1Database;
}

/** In a function at this URL. */
export function d1At(url: string): TestD1 {
  return d1By(async (orders) => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(orders) });
    if (response.status !== 200) throw new Error(await response.text());
    return (await response.json()) as Outcome[];
  });
}

/** The text of `d1-function.ts` without its types: a module of a function. */
export async function functionSource(): Promise<string> {
  const text = await readFile(new URL('d1-function.ts', import.meta.url), 'utf8');
  return (await transform(text, { loader: 'ts', format: 'esm', target: 'es2024' })).code;
}
