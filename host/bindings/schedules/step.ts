import { dueAfter, duesWithin, fireTime } from '../../timing/timing.ts';
import type { Due, Kept, Note, Running, Step } from './kept.ts';

/** A due time that is looked at so many ms after it should have fired was missed: no host was there. */
export const MISSED_AFTER = 60_000;
/** Of those that `misfire = "all"` runs, and of those that wait for their turn, the most. */
export const MAX_WAITING = 1_000;
/** Ms that a claim holds without being renewed. */
export const LEASE = 10_000;

export interface Look {
  readonly now: number;
  /** How many runs may begin. */
  readonly slots: number;
  /** Whether a run goes on in this very host, whatever its claim says. */
  readonly mine: (run: string) => boolean;
  /** Names a new run. */
  readonly name: () => string;
}

/** What time makes of a schedule: due times that have come wait, so do again those of hosts that are gone, and those whose turn it is begin. */
export function step(kept: Kept, look: Look): Step {
  const recovered = recover(kept, look);
  const passed = pass(recovered.kept, look.now);
  const began = begin(passed.kept, look);
  return { ...began, notes: [...recovered.notes, ...passed.notes] };
}

/** A host that crashed in the middle of a run renews its claim no more: its due time fires again. */
function recover(kept: Kept, { now, mine }: Look): Omit<Step, 'begun'> {
  const lost = kept.running.filter(({ run, until }) => until <= now && !mine(run));
  if (lost.length === 0) return { kept, notes: [] };
  const again = lost.map(({ due, attempt }): Due => ({ due, attempt: attempt + 1 }));
  return {
    kept: { ...kept, running: kept.running.filter((each) => !lost.includes(each)), waiting: [...again, ...kept.waiting] },
    notes: lost.map(({ due, attempt }) => ({ due, attempt, outcome: 'crashed' })),
  };
}

/** Those due times that have come are to run, as far as the rules of the schedule say so. */
function pass(kept: Kept, now: number): Omit<Step, 'begun'> {
  const { timing, next } = kept;
  if (next === null || next > now) return { kept, notes: [] };
  const dues = duesWithin(timing, { from: next, until: now, limit: kept.misfire === 'all' ? MAX_WAITING + 1 : 3 });
  // Where the rules of a time zone have changed since, `next` may be no due time any more.
  if (dues.length === 0) return { kept: { ...kept, next: dueAfter(timing, now) }, notes: [] };
  // Of those before it each has fired by now, since none fires after the next one is due.
  if (fires(kept, dues.at(-1)!) > now) dues.pop();
  const newest = dues.at(-1);
  if (newest === undefined) return { kept, notes: [] };
  const { run, missed } = byMisfire(kept, dues, now);
  const busy = kept.overlap === 'skip' && (kept.running.length > 0 || kept.waiting.length > 0);
  const room = busy ? 0 : Math.max(0, MAX_WAITING - kept.waiting.length);
  return {
    kept: { ...kept, next: dueAfter(timing, newest), waiting: [...kept.waiting, ...run.slice(0, room).map(first)] },
    notes: [...missedNote(next, missed), ...run.slice(room).map((due): Note => ({ due, attempt: 1, outcome: 'overlap' }))],
  };
}

/** The newest is missed where it comes too late; those before it are, where they come together with it. */
function byMisfire(kept: Kept, dues: readonly number[], now: number): { run: readonly number[]; missed: readonly number[] } {
  const newest = dues.at(-1)!;
  if (kept.misfire === 'all') return { run: dues.slice(-MAX_WAITING), missed: dues.slice(0, -MAX_WAITING) };
  if (kept.misfire === 'skip' && now - fires(kept, newest) > MISSED_AFTER) return { run: [], missed: dues };
  return { run: [newest], missed: dues.slice(0, -1) };
}

function begin(kept: Kept, { now, slots, name }: Look): Omit<Step, 'notes'> {
  const free = canBegin(kept) ? (kept.overlap === 'allow' ? slots : Math.min(slots, 1)) : 0;
  if (free === 0) return { kept, begun: [] };
  const begun = kept.waiting.slice(0, free).map((each): Running => ({ ...each, run: name(), started: now, until: now + LEASE }));
  return { kept: { ...kept, waiting: kept.waiting.slice(free), running: [...kept.running, ...begun] }, begun };
}

/** When a schedule has to be looked at again; null where it is over. */
export function wakeTime(kept: Kept, now: number): number | null {
  const times = kept.running.map(({ until }) => until);
  if (kept.next !== null) times.push(fires(kept, kept.next));
  if (canBegin(kept)) times.push(now);
  return times.length === 0 ? null : Math.min(...times);
}

/** Whether nothing of it is to come. */
export function isOver({ next, waiting, running }: Kept): boolean {
  return next === null && waiting.length === 0 && running.length === 0;
}

export function renewed(kept: Kept, run: string, now: number): Kept {
  if (!kept.running.some((each) => each.run === run)) return kept;
  return { ...kept, running: kept.running.map((each) => (each.run === run ? { ...each, until: now + LEASE } : each)) };
}

export function ended(kept: Kept, run: string): Kept {
  if (!kept.running.some((each) => each.run === run)) return kept;
  return { ...kept, running: kept.running.filter((each) => each.run !== run) };
}

/** A run that its host has cut off, to stop: its due time waits again, and nobody has to wait for the end of the claim. */
export function handedBack(kept: Kept, run: string): Kept {
  const found = kept.running.find((each) => each.run === run);
  if (found === undefined) return kept;
  const { due, attempt } = found;
  return { ...ended(kept, run), waiting: [{ due, attempt: attempt + 1 }, ...kept.waiting] };
}

/** Whether a run could begin now, if there is a slot for it. */
export function canBegin({ waiting, running, overlap }: Kept): boolean {
  return waiting.length > 0 && (overlap === 'allow' || running.length === 0);
}

function fires({ id, timing, jitter }: Kept, due: number): number {
  return fireTime(timing, { id, due, jitter });
}

function first(due: number): Due {
  return { due, attempt: 1 };
}

/** One for all of them, from `next` on: they may be many. */
function missedNote(next: number, missed: readonly number[]): Note[] {
  const until = missed.at(-1);
  return until === undefined ? [] : [{ due: next, until, attempt: 1, outcome: 'missed' }];
}
