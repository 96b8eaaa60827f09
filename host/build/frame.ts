const AROUND = 2;
const WIDTH = 120;

/**
 * The lines around a place in a text, with a mark below it.
 *
 * @param line the first is 1
 * @param column in UTF-16 units, the first is 1
 */
export function codeFrame(text: string, line: number, column: number, length = 1): string {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '' && line < lines.length) lines.pop();
  const first = Math.max(1, line - AROUND);
  const last = Math.min(lines.length, line + AROUND);
  const gutter = String(last).length;
  // Of a long line, as bundled code has them, only what is around the place.
  const from = column > WIDTH - 20 ? column - WIDTH / 2 : 0;
  const rows: string[] = [];
  for (let number = first; number <= last; number++) {
    const shown = lines[number - 1]!.slice(from, from + WIDTH).replaceAll('\t', ' ');
    rows.push(`${number === line ? '>' : ' '} ${String(number).padStart(gutter)} | ${shown}`.trimEnd());
    if (number === line) {
      const mark = '^'.repeat(Math.max(1, Math.min(length, shown.length - (column - 1 - from))));
      rows.push(`  ${' '.repeat(gutter)} | ${' '.repeat(Math.max(0, column - 1 - from))}${mark}`);
    }
  }
  return rows.join('\n');
}
