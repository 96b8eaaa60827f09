/** What differs from run to run, each with what stands for it on both sides. */
const VOLATILE: readonly (readonly [RegExp, string])[] = [
  [/\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{3}Z)?/g, '<time>'],
  [/\b\d\d:\d\d:\d\d\.\d{3}\b/g, '<time>'],
  [/\b\d{13}\b/g, '<time>'],
  [/\b[0-9a-f]{64}\b/g, '<digest>'],
  [/\b[0-9a-f]{32}\b/g, '<id>'],
  [/\b[0-9a-f]{16}\b/g, '<id>'],
  [/(?<=@|\d {2,})[0-9a-f]{12}\b/g, '<digest>'],
  [/\b\d+(?:\.\d+)? (?=ms\b)/g, '<number> '],
  // Whether a cell is still there is a matter of how long the examples before it took.
  [/(?<=<number> ms), cold(?=\))/g, ''],
  [/(?<="cold":)(?:true|false)/g, '<boolean>'],
  [/\b\d+(?:\.\d+)? (?=(?:B|KiB|MiB)\b)/g, '<number> '],
  [/(?<="(?:durationMs|size|bytes)":)\d+(?:\.\d+)?/g, '<number>'],
  // Columns are as wide as their longest cell.
  [/ {2,}/g, '  '],
];

/** Whether an output is what a document shows. There `…` stands for the rest of a line, and alone on a line for any lines. */
export function matches(actual: string, shown: string): boolean {
  return pattern(shown).test(stable(actual));
}

/** As `matches`, with what is shown somewhere in the output. */
export function contains(actual: string, shown: string): boolean {
  return new RegExp(pattern(shown), 'm').test(stable(actual));
}

export function stable(text: string): string {
  return VOLATILE.reduce((result, [volatile, name]) => result.replace(volatile, name), text).trimEnd();
}

function pattern(shown: string): RegExp {
  const lines = stable(shown)
    .split('\n')
    .map((line) => (line.trim() === '…' ? '(?:.*\\n)*?.*' : line.split('…').map(escaped).join('.*')));
  return new RegExp(`^${lines.join('\n')}$`);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
