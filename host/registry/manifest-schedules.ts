import { z } from 'zod';
import { cronProblem, isTimezone } from '../timing/cron.ts';
import { durationOf, durationText } from '../timing/duration.ts';
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
  type Misfire,
  type Overlap,
} from '../timing/rules.ts';
import { bindingName, list, must, text } from './manifest-fields.ts';
import type { JsonValue } from './manifest-json.ts';

/** An item of `schedules` that names a binding: under it the function makes schedules at run time. */
export interface ManifestScheduler {
  readonly binding: string;
}

/** An item of `schedules` that is one: exactly one of `cron` and `every` is there. */
export interface ManifestSchedule {
  /** Its expression, or `every 5m`, by default. */
  readonly name: string;
  readonly cron?: string;
  /** IANA; UTC where it is not there. */
  readonly timezone?: string;
  /** Milliseconds. */
  readonly every?: number;
  /** Milliseconds; 0 by default. */
  readonly jitter: number;
  readonly overlap: Overlap;
  readonly misfire: Misfire;
  /** What the handler gets along. */
  readonly payload?: JsonValue;
}

/** A schedule of a version, without its payload, which the version itself has. */
export interface DeclaredSchedule {
  readonly name: string;
  readonly timing: { readonly cron: string; readonly timezone?: string } | { readonly every: number };
  readonly jitter: number;
  readonly overlap: Overlap;
  readonly misfire: Misfire;
}

/** Those of one version. */
export const MAX_DECLARED = 50;
const utf8 = new TextEncoder();

const milliseconds = (least: number, most: number) => {
  const range = `${durationText(least)} to ${durationText(most)}`;
  return z
    .union([z.number(), z.string()], { error: `must be a duration such as "5m" or "1h30m", ${range}` })
    .transform(durationOf)
    .refine((value) => value !== null && value >= least && value <= most, `is no duration of ${range}; write one such as "5m" or "1h30m"`)
    .transform((value) => value!);
};

const FIELDS = {
  binding: bindingName.optional(),
  name: text
    .min(1, 'is empty')
    .max(MAX_ID, `has more than ${MAX_ID} characters`)
    .refine(isPlain, 'has characters that cannot be printed')
    .optional(),
  cron: text.transform((cron) => cron.trim()).optional(),
  every: milliseconds(MIN_EVERY, MAX_EVERY).optional(),
  timezone: text.refine(isTimezone, 'is no time zone; write one such as "Europe/Berlin"').optional(),
  jitter: milliseconds(0, MAX_JITTER).optional(),
  overlap: z.enum(OVERLAPS, { error: `must be one of ${OVERLAPS.join(', ')}` }).optional(),
  misfire: z.enum(MISFIRES, { error: `must be one of ${MISFIRES.join(', ')}` }).optional(),
  payload: z.json().optional(),
};

export const SCHEDULE_KEYS = Object.keys(FIELDS);

const item = z.strictObject(FIELDS, { error: must('be a table with binding, cron or every') });

type Item = z.output<typeof item>;

/** Items of `schedules`: bindings, and schedules that are declared. */
export const schedules = list(item.superRefine(checkItem).transform(canonical)).superRefine((items, context) => {
  if (items.filter((each) => !('binding' in each)).length > MAX_DECLARED)
    context.addIssue({ code: 'custom', message: `declares more than ${MAX_DECLARED} schedules` });
});

function checkItem(each: Item, context: z.RefinementCtx): void {
  const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: path === '' ? [] : [path], message });
  if (each.binding !== undefined) {
    const other = Object.keys(each).find((key) => key !== 'binding' && each[key as keyof Item] !== undefined);
    if (other !== undefined) refuse(other, 'stands beside binding; a binding and a schedule are items of their own');
    return;
  }
  if ((each.cron === undefined) === (each.every === undefined)) refuse('', 'needs either cron or every, or binding alone');
  if (each.timezone !== undefined && each.cron === undefined) refuse('timezone', 'goes with cron alone');
  const problem = each.cron === undefined ? null : cronProblem(each.cron);
  if (problem !== null) refuse('cron', problem);
  if (utf8.encode(JSON.stringify(each.payload ?? null)).byteLength > MAX_PAYLOAD)
    refuse('payload', `has more than ${MAX_PAYLOAD} bytes as JSON`);
}

function canonical({ binding, ...each }: Item): ManifestScheduler | ManifestSchedule {
  if (binding !== undefined) return { binding };
  const { cron, every, timezone, payload, jitter = 0, overlap = OVERLAP_DEFAULT, misfire = MISFIRE_DEFAULT } = each;
  const name = each.name ?? cron ?? `every ${durationText(every ?? 0)}`;
  return {
    name,
    ...(cron !== undefined && { cron }),
    ...(timezone !== undefined && { timezone }),
    ...(every !== undefined && { every }),
    jitter,
    overlap,
    misfire,
    ...(payload !== undefined && { payload: payload as JsonValue }),
  };
}

function isPlain(value: string): boolean {
  return value.isWellFormed() && !/[\p{Cc}\u2028\u2029]/u.test(value);
}

export function isScheduler(each: ManifestScheduler | ManifestSchedule): each is ManifestScheduler {
  return 'binding' in each;
}

/** A declared schedule's timing and rules. */
export function declaredSchedule({ name, cron, timezone, every, jitter, overlap, misfire }: ManifestSchedule): DeclaredSchedule {
  const timing = cron === undefined ? { every: every! } : { cron, ...(timezone !== undefined && { timezone }) };
  return { name, timing, jitter, overlap, misfire };
}

/** An expression of `triggers.crons`: a schedule with that name, and the rules that one has by default. */
export function cronSchedule(cron: string): DeclaredSchedule {
  return { name: cron, timing: { cron }, jitter: 0, overlap: OVERLAP_DEFAULT, misfire: MISFIRE_DEFAULT };
}
