/** A version on its way to an alias. Kept in the function's record, so that the alias and what is known of its way change in one step. */
export interface ReleaseRecord {
  /** 1 for a function's first; never used again. */
  readonly id: number;
  readonly alias: string;
  /** The version that the alias named when it was asked for. */
  readonly from: number;
  readonly to: number;
  /** Percents that the new version gets, one after the other; the last is 100. */
  readonly steps: readonly number[];
  /** How long each step lasts at least, in ms. */
  readonly every: number;
  /** As it was written; empty where nothing is tested. */
  readonly guard: string;
  readonly state: ReleaseState;
  /** Of `steps` the one that the alias is at; -1 before the first. */
  readonly step: number;
  /** When this step began, in milliseconds since the epoch. */
  readonly since: number;
  /** When the first step is due. */
  readonly startAt: number;
  /** The revision of the alias that the release gave it; with another one someone else has moved it. */
  readonly aliasRevision: number;
  /** One more with each change of the release: what `If-Match` names. */
  readonly revision: number;
  readonly createdAt: number;
  readonly by: string;
  readonly why: string | null;
  /** Why it goes on in spite of freezes; null where it does not. */
  readonly overrideFreeze: string | null;
  /** How it ended; null before. */
  readonly verdict: Verdict | null;
}

/** A `paused` release takes no further step, but is still rolled back where its guard says so. */
export type ReleaseState = 'scheduled' | 'running' | 'paused' | 'done' | 'rolled-back' | 'aborted';

export interface Verdict {
  readonly time: number;
  /** In words. */
  readonly reason: string;
  readonly figures: readonly Figure[];
}

/** What was measured for a condition of the guard, since the step began that the release was at. */
export interface Figure {
  /** The condition. */
  readonly term: string;
  readonly old: Measured;
  readonly new: Measured;
  /** What the new version may have: a share, ms or requests; null where that goes by an old version that had no requests. */
  readonly limit: number | null;
  /** What speaks for the new version being worse than that: 1 is nothing, and at `needed` it is rolled back. */
  readonly evidence: number;
  readonly needed: number;
}

export interface Measured {
  readonly requests: number;
  /** A share of errors or ms; null without requests. */
  readonly value: number | null;
}

/** A move of an alias, for those who ask later. */
export interface MoveEntry {
  readonly time: number;
  readonly alias: string;
  /** Null where there was none, or is none any more. */
  readonly from: readonly Weighted[] | null;
  readonly to: readonly Weighted[] | null;
  /** Of the alias since; that which it had last where it is gone. */
  readonly revision: number;
  readonly by: string;
  readonly why: string | null;
  /** Why it was moved in spite of a freeze. */
  readonly overrideFreeze: string | null;
}

interface Weighted {
  readonly version: number;
  readonly weight: number;
}

/** Whose hand changes a record. */
export interface Hand {
  /** `token`, `local` or `release 3`, and behind it in brackets who the client says it is. */
  readonly by: string;
  readonly why?: string | null;
  readonly overrideFreeze?: string | null;
  /** Whether an alias may move though that breaks those who call. */
  readonly allowBreaking?: boolean;
  /** The release that moves its own alias. */
  readonly release?: number;
}

/** Moves and releases that a record keeps; the oldest go first. */
export const MAX_MOVES = 100;
export const MAX_RELEASES = 20;

export function isActive({ state }: ReleaseRecord): boolean {
  return state === 'scheduled' || state === 'running' || state === 'paused';
}
