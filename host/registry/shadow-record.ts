/** A version that gets copies of requests, with its writes kept off, for comparison. Kept in the function's record. */
export interface ShadowRecord {
  /** 1 for a function's first; never used again. */
  readonly id: number;
  /** Whose requests are copied. */
  readonly alias: string;
  /** The version that gets the copies. */
  readonly to: number;
  /** Percent of the alias's requests that are copied, with at most two decimals. */
  readonly share: number;
  /** As they were written: what is not compared. */
  readonly ignore: readonly string[];
  /** What of its calls to the outside is made. */
  readonly outbound: ShadowOutbound;
  /** Whether the version that has answered gets a copy as well: what it does not agree on with itself is noise. */
  readonly baseline: boolean;
  readonly startedAt: number;
  /** When it ends by itself; null where it does not. */
  readonly until: number | null;
  /** One more with each change: what `If-Match` names. */
  readonly revision: number;
  readonly by: string;
  readonly why: string | null;
  /** How it ended; null while it goes on. */
  readonly end: ShadowEnd | null;
}

export type ShadowOutbound = 'none' | 'safe' | 'all';

export interface ShadowEnd {
  readonly time: number;
  readonly by: string;
  /** In words. */
  readonly reason: string;
  /** Whether what its writes have left is removed. */
  readonly cleared: boolean;
}

/** Whose writes are kept off, and where: the same for all that one side of a shadow calls. */
export interface ShadowMark {
  /** The function that has the shadow. */
  readonly function: string;
  readonly id: number;
  readonly side: 'shadow' | 'baseline';
  readonly outbound: ShadowOutbound;
}

/** Shadows that a record keeps; the oldest go first. */
export const MAX_SHADOWS = 20;
