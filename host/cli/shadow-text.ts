import type { ShadowReported, ShadowResult } from '../admin/schemas/shadows.ts';
import { timeText } from './commands/inspect.ts';
import { table } from './table.ts';

/** A shadow in one line. */
export function shadowLine({ function: name, id, alias, to, share, until, end }: ShadowResult): string {
  const what = `shadow ${id} of ${name}@${alias}, ${share}% to version ${to}`;
  if (end !== null) return `${what}: ended, ${end.reason}`;
  return until === null ? `${what}: under way` : `${what}: under way until ${timeText(until)}`;
}

/** The same with what it has found. */
export function shadowText(shadow: ShadowReported): string {
  const { report, ignore, outbound, baseline, by, why, startedAt } = shadow;
  const { drawn, compared, equal, noise, different, live } = report;
  const lines = [
    shadowLine(shadow),
    `  by        ${by}, ${timeText(startedAt)}${why === null ? '' : `: ${why}`}`,
    ...(ignore.length === 0 ? [] : [`  ignored   ${ignore.join(', ')}`]),
    `  outbound  ${outbound}${baseline ? ', with a baseline' : ''}`,
    `  requests  ${drawn} drawn, ${compared} compared: ${equal} equal${baseline ? `, ${noise} but for noise` : ''}, ${different} different`,
    ...countsLine('dropped', report.dropped),
    ...countsLine('in part', report.uncompared),
    ...countsLine('writes', report.writes),
    `  live      ${sideText(live)}`,
    `  shadow    ${sideText(report.shadow)}`,
  ];
  if (report.places.length === 0) return lines.join('\n');
  const rows = report.places.map(({ place, count, self, examples: [example] }) => [
    place,
    String(count),
    ...(baseline ? [String(self)] : []),
    shown(example?.live),
    shown(example?.shadow),
  ]);
  const head = ['PLACE', 'DIFFERENT', ...(baseline ? ['FROM ITSELF'] : []), 'LIVE', 'SHADOW'];
  const places = table([head, ...rows]);
  const more = report.elsewhere === 0 ? [] : [`  and ${report.elsewhere} at other places`];
  return [...lines, '', ...places.split('\n').map((line) => `  ${line}`), ...more].join('\n');
}

function sideText({ statuses, p50, p95 }: ShadowReported['report']['live']): string {
  const text = Object.entries(statuses)
    .map(([status, count]) => `${count} × ${status}`)
    .join(', ');
  const times = p50 === null || p95 === null ? '' : `, p50 ${p50} ms, p95 ${p95} ms`;
  return text === '' ? 'nothing yet' : `${text}${times}`;
}

function countsLine(name: string, counts: Readonly<Record<string, number>>): string[] {
  const parts = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
  return parts.length === 0 ? [] : [`  ${name.padEnd(8)}  ${parts.join(', ')}`];
}

function shown(text: string | null | undefined): string {
  if (text === null || text === undefined) return '-';
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
}
