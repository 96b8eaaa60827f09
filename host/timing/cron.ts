import { Cron } from 'croner';
import { cronFields } from './cron-fields.ts';

/** Expressions that are read already; they are few, and reading one takes longer than asking it. */
const MAX_KNOWN = 1_000;
const known = new Map<string, Cron>();

/** What is wrong with a cron expression (five fields, with the `L`, `W` and `#` that Workers takes), or null. */
export function cronProblem(cron: string): string | null {
  const read = cronFields(cron);
  if ('problem' in read) return read.problem;
  return cronOf(cron, 'UTC').nextRun(new Date(0)) === null ? 'never comes due: no month that it names has such a day' : null;
}

/** Whether times can be read in this zone (IANA). */
export function isTimezone(name: string): boolean {
  try {
    // Not an offset such as +02:00: that of a place changes, and people mean the place.
    return /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '';
  } catch {
    return false;
  }
}

/** The first time after `after` (ms since the epoch), or null where there is none. */
export function cronAfter(cron: string, timezone: string, after: number): number | null {
  return cronOf(cron, timezone).nextRun(new Date(after))?.getTime() ?? null;
}

/** The newest times before `before`, at most so many, in their order. */
export function cronBefore(cron: string, timezone: string, { before, limit }: { before: number; limit: number }): number[] {
  // It looks at whole seconds, and all times are such.
  const reference = new Date(Math.ceil(before / 1000) * 1000);
  return cronOf(cron, timezone)
    .previousRuns(limit, reference)
    .map((time) => time.getTime())
    .reverse();
}

function cronOf(cron: string, timezone: string): Cron {
  const key = `${timezone} ${cron}`;
  const found = known.get(key);
  if (found) return found;
  const read = cronFields(cron);
  if ('problem' in read) throw new TypeError(`The cron expression ${read.problem}.`);
  const made = new Cron(read.fields.join(' '), { mode: '5-part', timezone, alternativeWeekdays: true, paused: true });
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(key, made);
  return made;
}
