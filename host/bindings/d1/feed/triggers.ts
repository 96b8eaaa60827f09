import { FEED, RESERVED } from '../reserved.ts';

/** A table as its triggers have to know it. */
export interface WatchedTable {
  readonly name: string;
  readonly columns: readonly string[];
  /** Columns of its primary key in their order; none where it has none. */
  readonly key: readonly string[];
  /** What leads to its `rowid`, which no column hides; null where there is no such name. */
  readonly rowid: string | null;
  /** Other unique indexes: their columns with their collations. */
  readonly unique: readonly (readonly { readonly column: string; readonly collation: string }[])[];
}

/** What triggers have seen in the transaction that is under way. */
export const SEEN = `${RESERVED}seen`;
/** Rows that the one that is being written may take the place of. */
export const MAYBE = `${RESERVED}maybe`;
/** What is to be told, until it is in its queue. */
export const OUTBOX = `${RESERVED}outbox`;

/** Bytes of a value that are told; of longer ones their length is. */
const MAX_VALUE = 16_384;
/** They count what they write, for that is not the function's. */
const COUNTED = `UPDATE ${FEED} SET own = own + changes() + 1;`;

/**
 * The triggers of a table, by name. Those before a row is written note the rows that it would take the place of, as SQLite
 * fires none for rows that REPLACE takes away: https://www.sqlite.org/lang_conflict.html
 */
export function triggersOf(table: WatchedTable): ReadonlyMap<string, string> {
  const name = text(table.name);
  const forget = `DELETE FROM ${MAYBE}; ${COUNTED}`;
  const gone = table.rowid === null ? 'm.uniq' : `NOT EXISTS (SELECT 1 FROM ${quoted(table.name)} AS o WHERE o.${table.rowid} = m.id)`;
  const replaced = `INSERT INTO ${SEEN} (type, tbl, key, old) SELECT 'replaced', tbl, key, old FROM ${MAYBE} AS m WHERE tbl = ${name} AND (key = ${keyOf(table, 'NEW')} OR ${gone}); ${COUNTED} ${forget}`;
  const insert = (type: string, columns: string, values: string) =>
    `INSERT INTO ${SEEN} (type, tbl, ${columns}) VALUES ('${type}', ${name}, ${values}); ${COUNTED}`;
  const bodies = {
    'BEFORE INSERT': `${forget} ${maybes(table, '')}`,
    'BEFORE UPDATE': `${forget} ${maybes(table, `key <> ${keyOf(table, 'OLD')}`)}`,
    'AFTER INSERT': `${replaced} ${insert('insert', 'key, new', `${keyOf(table, 'NEW')}, ${imageOf(table, 'NEW')}`)}`,
    'AFTER UPDATE': `${replaced} ${insert('update', 'was, key, old, new', `${keyOf(table, 'OLD')}, ${keyOf(table, 'NEW')}, ${imageOf(table, 'OLD')}, ${imageOf(table, 'NEW')}`)}`,
    'AFTER DELETE': `DELETE FROM ${MAYBE} WHERE tbl = ${name} AND key = ${keyOf(table, 'OLD')}; ${COUNTED} ${insert('delete', 'key, old', `${keyOf(table, 'OLD')}, ${imageOf(table, 'OLD')}`)}`,
  };
  return new Map(
    Object.entries(bodies).map(([when, body]) => {
      const trigger = `${RESERVED}${table.name}_${when.toLowerCase().replace(' ', '_')}`;
      return [trigger, `CREATE TRIGGER ${quoted(trigger)} ${when} ON ${quoted(table.name)} BEGIN ${body} END`];
    }),
  );
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** Notes rows that are in the way of the new one. */
function maybes(table: WatchedTable, unless: string): string {
  const row = (column: string) => `o.${quoted(column)}`;
  const ways = [
    ...(table.key.length === 0 ? [] : [{ match: table.key.map((column) => `${row(column)} = NEW.${quoted(column)}`), uniq: 0 }]),
    ...table.unique.map((columns) => ({
      match: columns.map(({ column, collation }) => `${row(column)} = NEW.${quoted(column)} COLLATE ${quoted(collation)}`),
      uniq: 1,
    })),
  ];
  return ways
    .map(
      ({ match, uniq }) =>
        `INSERT INTO ${MAYBE} (tbl, id, uniq, key, old) SELECT * FROM (SELECT ${text(table.name)}, ${table.rowid === null ? 'NULL' : `o.${table.rowid}`}, ${uniq}, ${keyOf(table, 'o')} AS key, ${imageOf(table, 'o')} FROM ${quoted(table.name)} AS o WHERE ${match.join(' AND ')})${unless === '' ? '' : ` WHERE ${unless}`}; ${COUNTED}`,
    )
    .join(' ');
}

/** What names a row, as JSON: the values of its primary key, or its rowid. */
function keyOf({ key, rowid }: WatchedTable, row: string): string {
  if (key.length > 0) return listOf(key.map((column) => `${row}.${quoted(column)}`));
  return listOf(rowid === null ? [] : [`${row}.${rowid}`]);
}

function imageOf({ columns }: WatchedTable, row: string): string {
  return listOf(columns.map((column) => `${row}.${quoted(column)}`));
}

/** Values in a form that says what they are, and that JSON can hold: `valueIn` reads it. */
function listOf(values: readonly string[]): string {
  const shown = values.map(
    (value) =>
      `iif(octet_length(${value}) > ${MAX_VALUE}, '#' || octet_length(${value}), CASE typeof(${value}) WHEN 'text' THEN 't' || ${value} WHEN 'blob' THEN 'b' || hex(${value}) ELSE quote(${value}) END)`,
  );
  return `json_array(${shown.join(', ')})`;
}
