import type { LineRow } from './line-table.ts';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * Rows as a source map (ECMA-426) whose one generated line is the module, and whose columns are its byte offsets.
 *
 * @param rows in the order of their addresses, which are offsets in the module
 */
export function sourceMapOf(rows: readonly LineRow[]): string {
  const sources = new Map<string, number>();
  const segments: string[] = [];
  let [column, source, line, sourceColumn] = [0, 0, 0, 0];
  for (const row of simplified(rows)) {
    let segment = vlq(row.address - column);
    column = row.address;
    if (row.source !== null) {
      const index = sources.get(row.source) ?? sources.size;
      sources.set(row.source, index);
      const at = Math.max(0, row.column - 1);
      segment += vlq(index - source) + vlq(row.line - 1 - line) + vlq(at - sourceColumn);
      [source, line, sourceColumn] = [index, row.line - 1, at];
    }
    segments.push(segment);
  }
  return JSON.stringify({ version: 3, sources: [...sources.keys()], names: [], mappings: segments.join(',') });
}

/** Of rows at the same address the last counts; one that says what the row before says is left out. */
function simplified(rows: readonly LineRow[]): LineRow[] {
  const kept: LineRow[] = [];
  for (const row of rows) {
    if (kept.at(-1)?.address === row.address) kept.pop();
    const last = kept.at(-1);
    if (last?.source !== row.source || last.line !== row.line || last.column !== row.column) kept.push(row);
  }
  return kept;
}

function vlq(value: number): string {
  let rest = value < 0 ? -value * 2 + 1 : value * 2;
  let text = '';
  do {
    const digit = rest % 32;
    rest = Math.floor(rest / 32);
    text += DIGITS[rest > 0 ? digit + 32 : digit]!;
  } while (rest > 0);
  return text;
}
