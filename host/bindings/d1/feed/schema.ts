import type { RowRule } from '../../../registry/change-rules.ts';
import type { Connection } from '../databases.ts';
import { FEED, RESERVED } from '../reserved.ts';
import { MAYBE, OUTBOX, quoted, SEEN, text, triggersOf, type WatchedTable } from './triggers.ts';

const ROWIDS = ['rowid', '_rowid_', 'oid'];

/** What the triggers that are there are for, as `settleTriggers` wrote it. */
export function installedRules({ own }: Connection): string {
  return own(`SELECT rules FROM ${FEED}`)[0]!['rules'] as string;
}

export function createFeedTables({ own }: Connection): void {
  own(`CREATE TABLE IF NOT EXISTS ${FEED} (sequence INTEGER NOT NULL, own INTEGER NOT NULL, rules TEXT NOT NULL)`);
  own(`INSERT INTO ${FEED} SELECT 0, 0, '' WHERE NOT EXISTS (SELECT 1 FROM ${FEED})`);
  own(
    `CREATE TABLE IF NOT EXISTS ${SEEN} (n INTEGER PRIMARY KEY, type TEXT NOT NULL, tbl TEXT NOT NULL, was TEXT, key TEXT NOT NULL, old TEXT, new TEXT)`,
  );
  own(`CREATE TABLE IF NOT EXISTS ${MAYBE} (tbl TEXT NOT NULL, id INTEGER, uniq INTEGER, key TEXT NOT NULL, old TEXT)`);
  own(
    `CREATE TABLE IF NOT EXISTS ${OUTBOX} (queue TEXT NOT NULL, seq INTEGER NOT NULL, sent INTEGER NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (queue, seq)) WITHOUT ROWID`,
  );
}

/** Has exactly the triggers there that the rules need, as the tables are now. */
export function settleTriggers(connection: Connection, rules: readonly RowRule[]): void {
  const { own } = connection;
  const there = own(`SELECT rowid AS place, name, tbl_name AS tbl, sql FROM sqlite_schema WHERE type = 'trigger'`) as unknown as Trigger[];
  const ours = there.filter(({ name }) => name.startsWith(RESERVED));
  const wanted = new Map<string, string>();
  for (const name of new Set(rules.flatMap(({ tables }) => tables.map((each) => each.toLowerCase())))) {
    const table = watchedTable(connection, name);
    if (table === null) continue;
    const triggers = triggersOf(table);
    for (const [trigger, sql] of triggers) wanted.set(trigger, sql);
    // Those that were made last fire first. A function's own may change the row again, and that is to be told after this.
    const own = ours.filter((each) => triggers.has(each.name)).map(({ place }) => place);
    const later = there.some((each) => each.tbl === table.name && !ours.includes(each) && own.some((place) => place < each.place));
    if (later) for (const each of ours) if (triggers.has(each.name)) each.sql = '';
  }
  for (const { name, sql } of ours) if (wanted.get(name) !== sql) own(`DROP TRIGGER ${quoted(name)}`);
  for (const [name, sql] of wanted) if (!ours.some((each) => each.name === name && each.sql === sql)) own(sql);
  own(`UPDATE ${FEED} SET rules = ?`, [JSON.stringify(rules)]);
}

/** Before a table is altered: SQLite drops no column that a trigger names. */
export function dropTriggers({ own }: Connection): void {
  for (const { name } of own(
    `SELECT name FROM sqlite_schema WHERE type = 'trigger' AND substr(name, 1, ${RESERVED.length}) = '${RESERVED}'`,
  ))
    own(`DROP TRIGGER ${quoted(name as string)}`);
}

interface Trigger {
  readonly place: number;
  readonly name: string;
  readonly tbl: string;
  sql: string;
}

/** Null where there is no such table, or one that can have no triggers. */
export function watchedTable({ own }: Connection, asked: string): WatchedTable | null {
  const [found] = own("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE", [asked]);
  if (found === undefined || /^\s*CREATE\s+VIRTUAL/i.test(found['sql'] as string)) return null;
  const name = found['name'] as string;
  const columns = own(`PRAGMA table_xinfo(${quoted(name)})`).filter(({ hidden }) => Number(hidden) !== 1);
  const names = columns.map((column) => column['name'] as string);
  const key = columns.filter(({ pk }) => Number(pk) > 0).toSorted((a, b) => Number(a['pk']) - Number(b['pk']));
  const withoutRowid = own(`PRAGMA table_list(${quoted(name)})`).some(({ schema, wr }) => schema === 'main' && Number(wr) === 1);
  const hidden = new Set(names.map((each) => each.toLowerCase()));
  return {
    name,
    columns: names,
    key: key.map((column) => column['name'] as string),
    rowid: withoutRowid ? null : (ROWIDS.find((each) => !hidden.has(each)) ?? null),
    unique: own(`PRAGMA index_list(${quoted(name)})`)
      .filter((index) => Number(index['unique']) === 1 && index['origin'] !== 'pk')
      // A part of the rows: those may all be there still, which only a rowid tells.
      .filter((index) => Number(index['partial']) === 0 || !withoutRowid)
      .map((index) => own(`PRAGMA index_xinfo(${text(index['name'] as string)})`).filter((column) => Number(column['key']) === 1))
      // An expression has no name.
      .filter((parts) => parts.every((part) => part['name'] !== null))
      .map((parts) => parts.map((part) => ({ column: part['name'] as string, collation: part['coll'] as string }))),
  };
}
