/** https://www.sqlite.org/rescode.html */
// prettier-ignore
const NAMES = [
  'OK', 'ERROR', 'INTERNAL', 'PERM', 'ABORT', 'BUSY', 'LOCKED', 'NOMEM', 'READONLY', 'INTERRUPT', 'IOERR', 'CORRUPT', 'NOTFOUND', 'FULL',
  'CANTOPEN', 'PROTOCOL', 'EMPTY', 'SCHEMA', 'TOOBIG', 'CONSTRAINT', 'MISMATCH', 'MISUSE', 'NOLFS', 'AUTH', 'FORMAT', 'RANGE', 'NOTADB',
];

const CONSTRAINT = 19;
// prettier-ignore
const CONSTRAINTS = [
  '', 'CHECK', 'COMMITHOOK', 'FOREIGNKEY', 'FUNCTION', 'NOTNULL', 'PRIMARYKEY', 'TRIGGER', 'UNIQUE', 'VTAB', 'ROWID', 'PINNED', 'DATATYPE',
];

/** A result code of SQLite in the way that Workers writes it: `SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_UNIQUE)`. */
export function resultCode(code: number): string {
  const name = `SQLITE_${NAMES[code & 0xff] ?? code}`;
  const constraint = (code & 0xff) === CONSTRAINT ? CONSTRAINTS[code >> 8] : undefined;
  return constraint ? `${name} (extended: ${name}_${constraint})` : name;
}
