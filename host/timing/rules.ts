/** When a run of the same schedule is still under way: the due time is left out, waits for its turn, or runs as well. */
export type Overlap = 'skip' | 'queue' | 'allow';

/** What is done about due times that no host was there for: nothing, the newest is run once, or all are run. */
export type Misfire = 'skip' | 'once' | 'all';

export const OVERLAPS = ['skip', 'queue', 'allow'] as const satisfies readonly Overlap[];
export const MISFIRES = ['skip', 'once', 'all'] as const satisfies readonly Misfire[];

/** Of a schedule that does not say. */
export const OVERLAP_DEFAULT: Overlap = 'allow';
export const MISFIRE_DEFAULT: Misfire = 'once';

/** Ms between two due times: a second at least, ten years at most. */
export const MIN_EVERY = 1_000;
export const MAX_EVERY = 3_653 * 86_400_000;
/** Ms that a clock is moved at once at most: 366 days. */
export const MAX_TICK = 366 * 86_400_000;
/** A day. */
export const MAX_JITTER = 86_400_000;
/** Bytes of a payload as JSON. */
export const MAX_PAYLOAD = 64 * 1024;
/** Characters of an id, or of a name. */
export const MAX_ID = 128;
