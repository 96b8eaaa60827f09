import type { ReleaseResult } from '../admin/schemas/releases.ts';
import { durationText } from '../timing/duration.ts';
import { timeText } from './commands/inspect.ts';
import { table } from './table.ts';

/** A release in one line: where it is, and what it waits for. */
export function releaseLine({ function: name, id, alias, from, to, state, weight, startAt, hold, verdict }: ReleaseResult): string {
  const what = `release ${id} of ${name}@${alias}, ${from} → ${to}: ${state}`;
  if (verdict !== null) return `${what}, ${verdict.reason}`;
  if (state === 'scheduled') return hold === null ? `${what}, from ${timeText(startAt)}` : `${what}, ${hold}`;
  return `${what}, ${weight}%${hold === null ? '' : `, held: ${hold}`}`;
}

/** The same with its plan and its figures. */
export function releaseText(release: ReleaseResult): string {
  const { steps, every, guard, by, why, startAt, step, figures } = release;
  const plan = steps.map((percent, index) => (index === step ? `[${percent}]` : String(percent))).join(' ');
  const lines = [
    releaseLine(release),
    `  steps  ${plan}, each ${durationText(every)}`,
    ...(guard === '' ? [] : [`  guard  ${guard}`]),
    `  by     ${by}, ${timeText(startAt)}${why === null ? '' : `: ${why}`}`,
  ];
  if (figures.length === 0) return lines.join('\n');
  const rows = figures.map(({ term, old, new: fresh, limit, evidence, needed }) => [
    term,
    `${valueText(term, old.value)} of ${old.requests}`,
    `${valueText(term, fresh.value)} of ${fresh.requests}`,
    valueText(term, limit),
    term.startsWith('requests') ? '-' : `${evidence} of ${needed}`,
  ]);
  const shown = table([['CONDITION', 'OLD', 'NEW', 'LIMIT', 'EVIDENCE AGAINST'], ...rows]);
  return [...lines, '', ...shown.split('\n').map((line) => `  ${line}`)].join('\n');
}

function valueText(term: string, value: number | null): string {
  if (value === null) return '-';
  if (term.startsWith('error_rate')) return `${Math.round(value * 10_000) / 100}%`;
  return term.startsWith('requests') ? String(value) : `${value} ms`;
}
