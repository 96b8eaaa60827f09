/** What is counted apart. */
export interface UsageKey {
  readonly function: string;
  readonly version: number;
  /** null where the version was named itself. */
  readonly alias: string | null;
  /** The pattern of the route that took it; null where none did. */
  readonly route: string | null;
  /** `scheme:id`, or `OTHER`; null where nobody knows. */
  readonly principal: string | null;
  readonly trigger: string;
}

/** What is counted, in whole numbers, so that sums are the same in any order. */
export interface Counts {
  readonly invocations: number;
  readonly errors: number;
  /** µs; null where the engine does not know. */
  readonly cpu: number | null;
  /** MB of the cell's limit × µs of the invocation. */
  readonly memory: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
}

/** Counts of one hour. */
export interface UsageRow extends UsageKey, Counts {}

/** Stands for the principals of a function beyond those that are counted apart; one that somebody is has a colon. */
export const OTHER = 'other';

export const HOUR = 3_600_000;
/** Of the keys of the store. */
export const PREFIX = 'usage/';

export const NONE: Counts = { invocations: 0, errors: 0, cpu: null, memory: 0, requestBytes: 0, responseBytes: 0 };

export function sum(a: Counts, b: Counts): Counts {
  return {
    invocations: a.invocations + b.invocations,
    errors: a.errors + b.errors,
    cpu: a.cpu === null ? b.cpu : a.cpu + (b.cpu ?? 0),
    memory: a.memory + b.memory,
    requestBytes: a.requestBytes + b.requestBytes,
    responseBytes: a.responseBytes + b.responseBytes,
  };
}

export function isUsageKey(key: string): boolean {
  return key.startsWith(PREFIX);
}

/** Where an hour lies: a store may look fastest for what begins alike up to a slash. */
export function prefixOf(hour: number): string {
  return `${PREFIX}${hourText(hour).replace('T', '/')}/`;
}

/** The hour that a time is in, as `2026-11-25T21`, in UTC. */
export function hourText(time: number): string {
  return new Date(time).toISOString().slice(0, 13);
}
