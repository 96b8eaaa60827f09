type Cell = string | number | null | undefined;

/** What spreadsheets take for a formula, by how it begins. */
const FORMULA = /^[=+\-@\t\r]/;

/** RFC 4180, with a head of names. Numbers are written as they are, nothing as nothing. */
export function csvOf(columns: readonly string[], rows: readonly Readonly<Record<string, Cell>>[]): string {
  return [columns, ...rows.map((row) => columns.map((column) => row[column]))].map((cells) => `${cells.map(cellOf).join()}\r\n`).join('');
}

function cellOf(value: Cell): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  // Whoever is named in it may have chosen the name: an apostrophe has it read as text.
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
