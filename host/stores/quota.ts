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

/** What the messages of a queue may take together. */
export interface QueueQuota {
  readonly messages: number;
  /** Of their bodies. */
  readonly bytes: number;
}

/** A write that its quota has no room for: nothing was written. */
export class QuotaExceeded extends Error {
  readonly what: keyof Quota | keyof QueueQuota;
  readonly limit: number;

  constructor(what: QuotaExceeded['what'], limit: number) {
    super(`No more than ${limit} ${what}.`);
    this.name = 'QuotaExceeded';
    this.what = what;
    this.limit = limit;
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

/** The same of a queue that has `held`, and of messages that come together. */
export function excessOfQueue(
  held: QueueQuota,
  added: readonly { readonly body: Uint8Array }[],
  quota: QueueQuota,
): keyof QueueQuota | null {
  if (added.length === 0) return null;
  if (held.messages + added.length > quota.messages) return 'messages';
  const bytes = added.reduce((sum, { body }) => sum + body.byteLength, 0);
  return bytes > 0 && held.bytes + bytes > quota.bytes ? 'bytes' : null;
}
