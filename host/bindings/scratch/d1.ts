import type { Methods } from '../binding.ts';
import { BindingError } from '../binding-error.ts';
import { RESERVED } from '../d1/reserved.ts';
import { MAX_QUERIES, type Query, type QueryAnswer, type QueryRequest, type QueryResult } from '../d1/protocol.ts';
import { statementsOf } from '../d1/statements.ts';
import { tokensOf } from '../d1/tokens.ts';
import type { OverOptions } from './kv.ts';

/** The mark of a database that has been copied. */
const COPIED = 'copied';
/** https://developers.cloudflare.com/d1/platform/limits/ */
const MAX_PARAMS = 100;
const READS = new Set(['SELECT', 'VALUES', 'EXPLAIN']);
const WRITES = new Set(['INSERT', 'UPDATE', 'DELETE', 'REPLACE']);
const utf8 = new TextEncoder();
const text = new TextDecoder();

/**
 * A database that is read where it really is until the shadow writes: then it is copied, and everything goes to the copy. What
 * one answer cannot hold (16 MiB) is not copied, and its writes are refused.
 */
export function d1Over(options: OverOptions): Methods {
  const { real, own, marks } = options;
  let copying: Promise<void> | undefined;
  return {
    async query(args, body) {
      if (await marks.has(COPIED)) return own('query', args, body);
      if (onlyReads(body)) return real('query', args, body);
      copying ??= copied(options).finally(() => (copying = undefined));
      await copying;
      return own('query', args, body);
    },
  };
}

/** Whether none of the statements can write. What is not known to read only, writes. */
export function onlyReads(body: unknown): boolean {
  if (!(body instanceof Uint8Array)) return false;
  try {
    const { queries } = JSON.parse(text.decode(body)) as { queries: { sql: string }[] };
    return queries.every(({ sql }) => statementsOf(sql).every(reads));
  } catch {
    return false;
  }
}

function reads(statement: string): boolean {
  const words = [...tokensOf(statement)].filter(({ type }) => type === 'word').map((token) => token.text.toUpperCase());
  return READS.has(words[0] ?? '') || (words[0] === 'WITH' && !words.some((word) => WRITES.has(word)));
}

interface Part {
  readonly type: string;
  readonly name: string;
  readonly sql: string;
}

/** What is in a database, but for what is not its function's. */
export const LISTED = `SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\' ORDER BY rowid`;

/** As it is at one moment. @throws {BindingError} where it cannot be */
async function copied({ real, own, marks }: OverOptions): Promise<void> {
  const ask = async (to: OverOptions['real'], queries: readonly Query[]) => {
    const { body } = await to('query', [], utf8.encode(JSON.stringify({ queries } satisfies QueryRequest)));
    return (JSON.parse(text.decode(body as Uint8Array)) as QueryAnswer).results;
  };
  try {
    const schema = { sql: LISTED, params: [] };
    const known = partsOf((await ask(real, [schema]))[0]!);
    const tables = known.filter(({ type }) => type === 'table');
    if (tables.some(({ sql }) => /^\s*CREATE\s+VIRTUAL/i.test(sql))) throw new Error('it has virtual tables');
    // In one transaction: the rows are those of the schema.
    const [now, ...rows] = await ask(real, [schema, ...tables.map(({ name }) => ({ sql: `SELECT * FROM ${quoted(name)}`, params: [] }))]);
    if (JSON.stringify(partsOf(now!)) !== JSON.stringify(known)) throw new Error('its tables were being changed');
    const made = [
      { sql: 'PRAGMA defer_foreign_keys = on', params: [] },
      ...tables.map(({ sql }) => ({ sql, params: [] })),
      ...tables.flatMap(({ name }, index) => insertsOf(name, rows[index]!)),
      ...known.filter(({ type }) => type !== 'table').map(({ sql }) => ({ sql, params: [] })),
    ];
    if (made.length > MAX_QUERIES) throw new Error(`it has more rows than ${MAX_QUERIES} statements insert`);
    await ask(own, made);
    await marks.add(COPIED);
  } catch (cause) {
    // Another host was faster.
    if (await marks.has(COPIED)) return;
    const why = cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause);
    throw new BindingError(`A shadow writes to a copy of its database, and this one cannot be copied: ${why}.`, { code: 'shadow-refused' });
  }
}

function partsOf({ rows }: QueryResult): Part[] {
  return rows
    .map(([type, name, sql]) => ({ type: String(type), name: String(name), sql: String(sql) }))
    .filter(({ name, sql }) => !name.startsWith(RESERVED) && !sql.includes(RESERVED));
}

function insertsOf(table: string, { columns, rows }: QueryResult): Query[] {
  const each = Math.max(1, Math.floor(MAX_PARAMS / Math.max(1, columns.length)));
  const names = columns.map(quoted).join(', ');
  const inserts: Query[] = [];
  for (let at = 0; at < rows.length; at += each) {
    const some = rows.slice(at, at + each);
    const places = some.map((row) => `(${row.map(() => '?').join(', ')})`).join(', ');
    inserts.push({ sql: `INSERT INTO ${quoted(table)} (${names}) VALUES ${places}`, params: some.flat() });
  }
  return inserts;
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
