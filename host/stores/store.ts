import type { EntryChange } from './changes.ts';
import type { Note } from './outbox.ts';
import type { Quota } from './quota.ts';

/**
 * Values by key, each with a revision: what aliases, locks, schedules and KV namespaces are built on. A value may have up
 * to 32 MiB; a backend whose rows hold less splits it.
 *
 * A revision is a number that grows with every write to the store; 0 means "no such key".
 * An acknowledged write survives `kill -9` of the host.
 */
export interface Store {
  /** The entry, or null where there is none or it has expired. */
  get(key: string): Promise<Entry | null>;

  /**
   * Writes `value` and returns its revision. With `ifRevision` it writes only if the entry still has that
   * revision (0: only if there is none), and returns null, having written nothing, if not.
   */
  put(key: string, value: Uint8Array, options?: PutOptions): Promise<number | null>;

  /** Removes the entry and says whether there was one; with `ifRevision`, only that revision. */
  delete(key: string, options?: DeleteOptions): Promise<boolean>;

  /** Entries whose key starts with `prefix`, in the order of their keys' UTF-8 bytes. */
  list(options: ListOptions): Promise<ListResult>;
}

export interface Entry {
  readonly value: Uint8Array;
  readonly revision: number;
  /** As the last `put` gave it; not there where it gave none. */
  readonly metadata?: string;
}

export interface PutOptions {
  ifRevision?: number;
  /** Milliseconds after which the entry is gone. */
  ttl?: number;
  /** Text of at most 4 KiB that lies beside the value, for who lists without reading. */
  metadata?: string;
  /**
   * Writes only where the entries of the key's group (`groupOf`) then take no more, or no more than before; those that
   * have expired do not count. Rejects with `QuotaExceeded` where they would.
   */
  quota?: Quota;
  /** What the write has to tell. Only a store with an outbox (`TellingStore`) asks. */
  note?: Note<EntryChange>;
  /** When it has expired, it is left for `EntryOutbox.expire`. */
  keepExpired?: boolean;
}

export type DeleteOptions = Pick<PutOptions, 'ifRevision' | 'note'>;

export interface ListOptions {
  prefix: string;
  /** At most this many keys; 1,000 by default. */
  limit?: number;
  /** The `cursor` of the page before. */
  cursor?: string;
  /** Asks for the metadata of the keys. */
  withMetadata?: boolean;
}

export interface ListResult {
  readonly keys: readonly string[];
  /** Present where there are more. */
  readonly cursor?: string;
  /** Of those keys that have some; present where it was asked for. */
  readonly metadata?: ReadonlyMap<string, string>;
}
