import { EXPERIMENTS, type Result } from './experiments.ts';

type Column = readonly [title: string, text: (result: Result) => string];

const COLUMNS: readonly Column[] = [
  ['p50', ({ latency }) => short(latency.p50)],
  ['p95', ({ latency }) => short(latency.p95)],
  ['p99', ({ latency }) => short(latency.p99)],
  ['p99.9', ({ latency }) => short(latency.p999)],
  ['added p95', ({ delay }) => short(delay.p95)],
  ['added p99', ({ delay }) => short(delay.p99)],
  ['added p99.9', ({ delay }) => short(delay.p999)],
  ['cold', ({ cold }) => percent(cold)],
  ['shed', ({ shed }) => percent(shed)],
  ['MB', ({ memory }) => short(memory)],
  ['CPU', ({ utilisation }) => percent(utilisation)],
];

/** Times in ms; MB are those of cells on one host. "Added" is what came on top of the calls' own time. */
export function tableOf(results: readonly Result[]): string {
  const [first] = results;
  if (first === undefined) return '';
  const head = ['scenario', EXPERIMENTS[first.experiment].title, ...COLUMNS.map(([title]) => title)];
  const rows = results.map((result) => [result.scenario, String(result.value), ...COLUMNS.map(([, text]) => text(result))]);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  // The first two columns are words.
  const line = (row: readonly string[]) =>
    row.map((text, column) => (column < 2 ? text.padEnd(widths[column]!) : text.padStart(widths[column]!))).join('  ');
  return [head, ...rows].map((row) => `${line(row).trimEnd()}\n`).join('');
}

/** One line; the same seed gives the same. */
export function jsonOf(results: readonly Result[]): string {
  return `${JSON.stringify(results, (_key, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value))}\n`;
}

/** Three digits that count. */
export function short(value: number): string {
  if (value === 0) return '0';
  return String(Number(value.toPrecision(3)));
}

export function percent(part: number): string {
  return `${short(part * 100)} %`;
}
