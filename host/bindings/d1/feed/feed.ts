import type { D1Change } from '../../../../sdk/changes.ts';
import { nameOfScope } from '../../../scopes.ts';
import type { RowRule } from '../../../registry/change-rules.ts';
import { MAX_WAITING, OutboxFull } from '../../../stores/outbox.ts';
import { BindingError } from '../../binding-error.ts';
import type { Connection } from '../databases.ts';
import { FEED, hasFeed } from '../reserved.ts';
import { statementsOf } from '../statements.ts';
import { tokensOf } from '../tokens.ts';
import { changesIn, rowIn, type PlainChange, type Seen } from './change.ts';
import { createFeedTables, dropTriggers, installedRules, settleTriggers, watchedTable } from './schema.ts';
import { OUTBOX, SEEN, type WatchedTable } from './triggers.ts';

export interface FeedOptions {
  /** Of the scope of the database. */
  readonly rules: readonly RowRule[];
  readonly now: () => number;
}

/** Bytes of a message's body: one has at most 128 KB. */
const MAX_BODY = 120_000;
const MAX_KEY = 200;
const utf8 = new TextEncoder();

/**
 * The feed of a database, for one transaction that is under way; null where nobody is to be told of anything in it. What
 * earlier rules have left in it is taken away.
 */
export function beginFeed(connection: Connection, { rules, now }: FeedOptions): Feed | null {
  const there = hasFeed(connection);
  if (rules.length === 0) {
    if (there && installedRules(connection) !== '[]') settleTriggers(connection, []);
    return null;
  }
  if (!there) createFeedTables(connection);
  if (!there || installedRules(connection) !== JSON.stringify(rules)) settleTriggers(connection, rules);
  return new Feed(connection, { rules, now });
}

/** What happens to rows of watched tables goes into the outbox, in the transaction that it happens in. */
export class Feed {
  readonly #connection: Connection;
  readonly #options: FeedOptions;

  constructor(connection: Connection, options: FeedOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** Rows that its triggers have written. */
  written(): number {
    return Number(this.#connection.own(`SELECT own FROM ${FEED}`)[0]!['own']);
  }

  /** The statements of SQL that are to be run one by one, as the first of them change the schema. */
  parts(sql: string): string[] {
    if (!/\b(?:create|alter|drop)\b/i.test(sql)) return [sql];
    const statements = statementsOf(sql);
    return statements.length === 0 ? [sql] : statements;
  }

  /** Runs one of them, and has the triggers fit afterwards. */
  around<Result>(sql: string, run: () => Result): Result {
    const verb = verbOf(sql);
    if (verb === null) return run();
    // As the tables are until now.
    this.post();
    if (verb === 'ALTER') dropTriggers(this.#connection);
    const result = run();
    settleTriggers(this.#connection, this.#options.rules);
    return result;
  }

  /** Makes messages of what the triggers have seen. Says whether there are any in the outbox. @throws {BindingError} where too many wait */
  post(): boolean {
    const { own } = this.#connection;
    const limit = MAX_WAITING - Number(own(`SELECT COUNT(*) AS waiting FROM ${OUTBOX}`)[0]!['waiting']);
    const seen = own(`SELECT type, tbl, was, key, old, new FROM ${SEEN} ORDER BY n LIMIT ?`, [limit + 1]) as unknown as Seen[];
    if (seen.length > limit) throw new BindingError(`${new OutboxFull().message}: SQLITE_FULL`);
    if (seen.length > 0) {
      own(`DELETE FROM ${SEEN}`);
      this.#enter(changesIn(seen));
    }
    return own(`SELECT 1 FROM ${OUTBOX} LIMIT 1`).length > 0;
  }

  #enter(changes: readonly PlainChange[]): void {
    const { own } = this.#connection;
    const { rules, now } = this.#options;
    let sequence = Number(own(`SELECT sequence FROM ${FEED}`)[0]!['sequence']);
    const tables = new Map<string, WatchedTable>();
    const sent = now();
    for (const change of changes) {
      const told = new Map<string, { readonly rows: boolean; readonly scope: string }>();
      for (const { queue, types, tables: names, rows, scope } of rules)
        if (types.includes(change.operation) && names.some((name) => name.toLowerCase() === change.table.toLowerCase()))
          told.set(queue, { scope, rows: rows || told.get(queue)?.rows === true });
      if (told.size === 0) continue;
      const table = tables.get(change.table) ?? watchedTable(this.#connection, change.table)!;
      tables.set(change.table, table);
      sequence++;
      for (const [queue, { rows, scope }] of told) {
        const body = bodyOf(change, { table, sequence, rows, database: nameOfScope(scope), time: new Date(sent).toISOString() });
        own(`INSERT INTO ${OUTBOX} VALUES (?, ?, ?, ?, ?)`, [queue, sequence, sent, orderOf(scope, change), body]);
      }
    }
    own(`UPDATE ${FEED} SET sequence = ?`, [sequence]);
  }
}

interface BodyOptions extends Pick<D1Change, 'database' | 'sequence' | 'time'> {
  readonly table: WatchedTable;
  readonly rows: boolean;
}

function bodyOf({ operation, key, old, new: after }: PlainChange, { table, rows, ...facts }: BodyOptions): Uint8Array<ArrayBuffer> {
  const change: D1Change = {
    database: facts.database,
    table: table.name,
    operation,
    key: rowIn(key, table.key.length > 0 ? table.key : ['rowid']),
    sequence: facts.sequence,
    time: facts.time,
  };
  const whole = {
    ...change,
    ...(rows && old !== null && { old: rowIn(old, table.columns) }),
    ...(rows && after !== null && { new: rowIn(after, table.columns) }),
  };
  const body = utf8.encode(JSON.stringify(whole));
  return body.byteLength <= MAX_BODY ? body : utf8.encode(JSON.stringify({ ...change, truncated: true }));
}

/** Under what messages of one row have their order. Two rows may have the same: then more waits than need be. */
function orderOf(scope: string, { table, key }: PlainChange): string {
  const whole = `d1/${scope}/${table}/${key}`;
  if (whole.length <= MAX_KEY) return whole;
  let hash = 0x811c9dc5;
  for (let at = 0; at < whole.length; at++) hash = Math.imul(hash ^ whole.charCodeAt(at), 0x01000193) >>> 0;
  return `${whole.slice(0, MAX_KEY)}#${hash.toString(16)}`;
}

/** Null of a statement that leaves the schema as it is. */
function verbOf(sql: string): 'CREATE' | 'ALTER' | 'DROP' | null {
  for (const { type, text } of tokensOf(sql)) {
    if (type === 'space' || type === 'semicolon') continue;
    const word = text.toUpperCase();
    return word === 'CREATE' || word === 'ALTER' || word === 'DROP' ? word : null;
  }
  return null;
}
