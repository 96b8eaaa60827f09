import { BrinkError } from '../errors.ts';
import type { Store } from '../stores/store.ts';
import { decode } from './segment.ts';
import { HOUR, hourText, NONE, PREFIX, sum, type Counts, type UsageKey, type UsageRow } from './usage.ts';

/** What rows may be told apart by, in the order in which they are shown. */
export const COLUMNS = ['day', 'hour', 'function', 'version', 'alias', 'route', 'principal', 'trigger'] as const;
export type Column = (typeof COLUMNS)[number];

/** The names of what is counted. */
export const COUNTED = ['invocations', 'errors', 'cpu_ms', 'gb_seconds', 'request_bytes', 'response_bytes'] as const;

export interface UsageQuery {
  /** From the hour that this is in, in ms since the epoch. */
  readonly from: number;
  /** Up to the hour that begins before this. */
  readonly to: number;
  readonly by: readonly Column[];
  readonly function?: string | undefined;
}

/** The columns that were asked for, and what was counted. */
export interface UsageResult extends Partial<UsageKey> {
  readonly day?: string;
  readonly hour?: string;
  readonly invocations: number;
  readonly errors: number;
  /** null where no engine knew it. */
  readonly cpu_ms: number | null;
  /** GB (1,024 MB) of the cell's memory limit × seconds of the invocation. */
  readonly gb_seconds: number;
  readonly request_bytes: number;
  readonly response_bytes: number;
}

const DAY = 24 * HOUR;
const MAX_DAYS = 400;
/** Of an answer. */
const MAX_ROWS = 100_000;
/** Entries that are read at once. */
const AT_ONCE = 64;

interface Group {
  readonly values: readonly (string | number | null)[];
  counts: Counts;
}

/** Sums of what all hosts have written, in the order of their columns. @throws {BrinkError} `bad-request` */
export async function readUsage(store: Store, { from, to, by, function: name }: UsageQuery): Promise<UsageResult[]> {
  const first = from - (from % HOUR);
  if (to - first > MAX_DAYS * DAY)
    throw new BrinkError('bad-request', `At most ${MAX_DAYS} days of usage are read at once: take a shorter time.`);
  const columns = COLUMNS.filter((column) => by.includes(column));
  const groups = new Map<string, Group>();
  for await (const { time, row } of rowsBetween(store, first, to)) {
    if (name !== undefined && row.function !== name) continue;
    const values = columns.map((column) => valueOf(column, row, time));
    const key = JSON.stringify(values);
    const group = groups.get(key);
    if (group !== undefined) group.counts = sum(group.counts, row);
    else if (groups.size < MAX_ROWS) groups.set(key, { values, counts: sum(NONE, row) });
    else throw new BrinkError('bad-request', `That is more than ${MAX_ROWS} rows: take a shorter time, or fewer columns.`);
  }
  return [...groups.values()].toSorted(compare).map(({ values, counts }) => resultOf(columns, values, counts));
}

async function* rowsBetween(store: Store, from: number, to: number): AsyncGenerator<{ time: string; row: UsageRow }> {
  for (let day = from - (from % DAY); day < to; day += DAY) {
    let cursor: string | undefined;
    do {
      const page = await store.list({ prefix: `${PREFIX}${hourText(day).slice(0, 10)}/`, ...(cursor !== undefined && { cursor }) });
      const keys = page.keys.filter((key) => isBetween(hourOf(key), from, to));
      for (let at = 0; at < keys.length; at += AT_ONCE) {
        const some = keys.slice(at, at + AT_ONCE);
        const entries = await Promise.all(some.map((key) => store.get(key)));
        for (const [index, entry] of entries.entries()) {
          const time = hourOf(some[index]!);
          for (const row of entry === null ? [] : decode(entry.value)) yield { time, row };
        }
      }
      ({ cursor } = page);
    } while (cursor !== undefined);
  }
}

/** As `2026-11-25T21`. */
function hourOf(key: string): string {
  return key.slice(PREFIX.length, PREFIX.length + 13).replace('/', 'T');
}

function isBetween(hour: string, from: number, to: number): boolean {
  const time = Date.parse(`${hour}:00Z`);
  return time >= from && time < to;
}

function valueOf(column: Column, row: UsageRow, hour: string): string | number | null {
  if (column === 'day') return hour.slice(0, 10);
  return column === 'hour' ? `${hour}:00Z` : row[column];
}

/** Nothing first, then numbers by their size and texts by their code units: the same on every machine. */
function compare({ values: a }: Group, { values: b }: Group): number {
  for (const [index, left] of a.entries()) {
    const right = b[index]!;
    if (left === right) continue;
    if (left === null) return -1;
    if (right === null) return 1;
    return left < right ? -1 : 1;
  }
  return 0;
}

function resultOf(columns: readonly Column[], values: Group['values'], counts: Counts): UsageResult {
  return {
    ...Object.fromEntries(columns.map((column, index) => [column, values[index]!])),
    invocations: counts.invocations,
    errors: counts.errors,
    cpu_ms: counts.cpu === null ? null : counts.cpu / 1_000,
    gb_seconds: Math.round((counts.memory / 1_024 / 1e6) * 1e9) / 1e9,
    request_bytes: counts.requestBytes,
    response_bytes: counts.responseBytes,
  };
}
