import { cronProblem, isTimezone } from '../../timing/cron.ts';
import { durationOf, durationText } from '../../timing/duration.ts';
import {
  MAX_EVERY,
  MAX_ID,
  MAX_JITTER,
  MAX_PAYLOAD,
  MIN_EVERY,
  MISFIRE_DEFAULT,
  MISFIRES,
  OVERLAP_DEFAULT,
  OVERLAPS,
} from '../../timing/rules.ts';
import { dueAfter, type Timing } from '../../timing/timing.ts';
import type { JsonValue } from '../../registry/manifest-json.ts';
import { BindingError } from '../binding-error.ts';
import type { Kept } from './kept.ts';

type Table = Readonly<Record<string, unknown>>;

/** The latest time that a `Date` has. */
const MAX_TIME = 8_640_000_000_000_000;
const KEYS = ['id', 'at', 'cron', 'every', 'timezone', 'jitter', 'overlap', 'misfire', 'payload'];
const utf8 = new TextEncoder();

/** What `create` was given, as a schedule. @throws {BindingError} */
export function newSchedule(options: unknown, now: number): Kept {
  if (options === null || typeof options !== 'object' || Array.isArray(options))
    throw invalid('create() takes a table with at, cron or every.');
  const table = options as Table;
  const unknown = Object.keys(table).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw invalid(`create() knows no ${JSON.stringify(unknown.slice(0, 80))}; it takes ${KEYS.join(', ')}.`);
  const timing = timingOf(table, now);
  const { payload } = table;
  if (payload !== undefined && utf8.encode(JSON.stringify(payload)).byteLength > MAX_PAYLOAD)
    throw new BindingError(`The payload has more than ${MAX_PAYLOAD} bytes as JSON.`, { name: 'RangeError', code: 'too-large' });
  return {
    id: idOf(table['id']),
    declared: false,
    timing,
    jitter: table['jitter'] === undefined ? 0 : duration('jitter', table['jitter'], [0, MAX_JITTER]),
    overlap: oneOf('overlap', table['overlap'], OVERLAPS) ?? OVERLAP_DEFAULT,
    misfire: oneOf('misfire', table['misfire'], MISFIRES) ?? MISFIRE_DEFAULT,
    ...(payload !== undefined && { payload: payload as JsonValue }),
    // A time that has passed is due at once.
    next: 'at' in timing ? timing.at : dueAfter(timing, now),
    waiting: [],
    running: [],
  };
}

function timingOf({ at, cron, every, timezone }: Table, now: number): Timing {
  if ([at, cron, every].filter((each) => each !== undefined).length !== 1)
    throw invalid('create() takes exactly one of at, cron and every.');
  if (timezone !== undefined && cron === undefined) throw invalid('timezone goes with cron alone.');
  if (at !== undefined) {
    if (!Number.isInteger(at) || Math.abs(at as number) > MAX_TIME) throw invalid('at is a Date, or milliseconds since the epoch.');
    return { at: Math.max(0, at as number) };
  }
  if (every !== undefined) return { every: duration('every', every, [MIN_EVERY, MAX_EVERY]), from: now };
  if (typeof cron !== 'string' || cron.length > 200) throw invalid('cron is an expression of five fields.');
  const problem = cronProblem(cron);
  if (problem !== null) throw invalid(`The cron expression ${problem}.`);
  if (timezone === undefined) return { cron: cron.trim() };
  if (typeof timezone !== 'string' || !isTimezone(timezone)) throw invalid('timezone is the name of a time zone, such as "Europe/Berlin".');
  return { cron: cron.trim(), timezone };
}

export function checkedId(id: unknown): string {
  if (typeof id === 'string' && id !== '' && id.length <= MAX_ID && id.isWellFormed() && !/\p{Cc}/u.test(id)) return id;
  throw invalid(`An id is text of 1 to ${MAX_ID} characters that can be printed.`);
}

function idOf(id: unknown): string {
  return id === undefined ? crypto.randomUUID() : checkedId(id);
}

function duration(name: string, value: unknown, [least, most]: readonly [number, number]): number {
  const read = durationOf(value);
  if (read !== null && read >= least && read <= most) return read;
  const range = `${durationText(least)} to ${durationText(most)}`;
  throw invalid(`${name} is milliseconds, or a duration such as "5m": ${range}.`, read === null ? 'TypeError' : 'RangeError');
}

function oneOf<Value extends string>(name: string, value: unknown, values: readonly Value[]): Value | undefined {
  if (value === undefined) return undefined;
  if (values.includes(value as Value)) return value as Value;
  throw invalid(`${name} is one of ${values.join(', ')}.`);
}

function invalid(message: string, name = 'TypeError'): BindingError {
  return new BindingError(message, { name });
}
