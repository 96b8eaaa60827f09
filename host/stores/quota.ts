/** What the entries of a group may take together. */
export interface Quota {
  readonly keys: number;
  /** Of values, metadata and keys, as they are stored. */
  readonly bytes: number;
}

/** What they take. */
export interface Usage {
  keys: number;
  bytes: number;
}

/** A write that its quota has no room for: nothing was written. */
export class QuotaExceeded extends Error {
  readonly what: keyof Quota;
  readonly limit: number;

  constructor(what: keyof Quota, quota: Quota) {
    super(`No more than ${quota[what]} ${what}.`);
    this.name = 'QuotaExceeded';
    this.what = what;
    this.limit = quota[what];
  }
}

const utf8 = new TextEncoder();

/** The entries that are counted together: those whose keys are the same up to their second slash. Empty where there is none. */
export function groupOf(key: string): string {
  return key.slice(0, key.indexOf('/', key.indexOf('/') + 1) + 1);
}

/** Bytes of an entry. */
export function sizeOf(key: string, value: Uint8Array, metadata: string | null = null): number {
  return value.byteLength + utf8.encode(metadata === null ? key : key + metadata).byteLength;
}

/** What is over where so much is added; what takes no more than before is let through. */
export function excessOf(usage: Usage, added: Usage, quota: Quota): keyof Quota | null {
  if (added.keys > 0 && usage.keys + added.keys > quota.keys) return 'keys';
  return added.bytes > 0 && usage.bytes + added.bytes > quota.bytes ? 'bytes' : null;
}
