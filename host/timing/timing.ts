import { cronAfter, cronBefore } from './cron.ts';

/** When something is due. Times are milliseconds since the epoch. */
export type Timing =
  | { readonly at: number }
  /** In UTC where no zone is named. */
  | { readonly cron: string; readonly timezone?: string }
  /** So many milliseconds apart, counted from `from`, however long the runs take. */
  | { readonly every: number; readonly from: number };

export interface Within {
  readonly from: number;
  readonly until: number;
  readonly limit: number;
}

const FEW = 4;

/** The first due time after `after`; null where there is none. */
export function dueAfter(timing: Timing, after: number): number | null {
  if ('at' in timing) return timing.at > after ? timing.at : null;
  if ('cron' in timing) return cronAfter(timing.cron, timing.timezone ?? 'UTC', after);
  const { every, from } = timing;
  const due = from + Math.max(1, Math.floor((after - from) / every) + 1) * every;
  return Number.isSafeInteger(due) ? due : null;
}

/** The due times from `from` to `until`, both included: the newest of them, at most so many, in their order. */
export function duesWithin(timing: Timing, { from, until, limit }: Within): number[] {
  if (until < from) return [];
  if ('at' in timing) return timing.at >= from && timing.at <= until ? [timing.at] : [];
  if ('cron' in timing) return few(timing, from, until)?.slice(-limit) ?? cronDues(timing, { from, until, limit });
  const dues: number[] = [];
  let due = timing.from + Math.floor((until - timing.from) / timing.every) * timing.every;
  for (; due >= from && due > timing.from && dues.length < limit; due -= timing.every) dues.push(due);
  return dues.reverse();
}

/** All of them, where they are so few that asking for one after the other is the shortest way; as a rule there is one. */
function few(timing: Timing, from: number, until: number): number[] | null {
  const dues: number[] = [];
  for (let due = dueAfter(timing, from - 1); due !== null && due <= until; due = dueAfter(timing, due))
    if (dues.push(due) > FEW) return null;
  return dues;
}

function cronDues({ cron, timezone = 'UTC' }: { cron: string; timezone?: string }, { from, until, limit }: Within): number[] {
  return cronBefore(cron, timezone, { before: until + 1, limit }).filter((due) => due >= from);
}

/**
 * When a due time fires: up to `jitter` ms later, and never later than the next due time, so that their order stays. It is
 * the same at every look and on every host, since it is made of the schedule and the due time alone.
 */
export function fireTime(timing: Timing, { id, due, jitter }: { id: string; due: number; jitter: number }): number {
  if (jitter === 0) return due;
  const next = dueAfter(timing, due);
  const most = next === null ? jitter : Math.min(jitter, next - due);
  return due + Math.floor(part(`${id} ${due}`) * most);
}

/** Uniform in [0, 1): FNV-1a, and the last mixing of MurmurHash3, as FNV alone leaves its high bits alike for like texts. */
function part(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
