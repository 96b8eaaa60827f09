import type { JsonValue } from '../../registry/manifest-json.ts';
import type { Misfire, Overlap } from '../../timing/rules.ts';
import type { Kept } from './kept.ts';

/** A schedule, as a function and the admin API see it. */
export interface ScheduleView {
  readonly id: string;
  readonly at?: number;
  readonly cron?: string;
  readonly timezone?: string;
  readonly every?: number;
  readonly jitter: number;
  readonly overlap: Overlap;
  readonly misfire: Misfire;
  readonly payload?: JsonValue;
  /** When it is due next; null where nothing more is to come after what waits or runs. */
  readonly next: number | null;
  /** How many runs go on, and how many due times wait. */
  readonly running: number;
  readonly waiting: number;
}

export function viewOf({ id, timing, jitter, overlap, misfire, payload, next, running, waiting }: Kept): ScheduleView {
  const when = 'every' in timing ? { every: timing.every } : timing;
  const rules = { jitter, overlap, misfire, ...(payload !== undefined && { payload }) };
  return { id, ...when, ...rules, next: waiting[0]?.due ?? next, running: running.length, waiting: waiting.length };
}
