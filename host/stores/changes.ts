import type { Note, Outbox } from './outbox.ts';
import type { Store } from './store.ts';

/** What happened to an entry. */
export interface EntryChange {
  readonly key: string;
  readonly cause: 'put' | 'delete' | 'expire';
  /** Grows with each change of the store; that of a `put` is its entry's. */
  readonly revision: number;
  /** Null where there is none any more. */
  readonly value: Uint8Array | null;
  /** Of a `put`. */
  readonly metadata?: string;
  /** What was there before, if it had not expired; of `expire`, what has. */
  readonly before: { readonly revision: number; readonly metadata?: string } | null;
}

/** Of a store that can be asked to tell of its writes. */
export interface EntryOutbox extends Outbox {
  /**
   * Takes away entries that have expired, of those whose keys begin so and that were put with `keepExpired`, some hundred at
   * most, and posts what `note` has to say of each in the same transaction. Gives the time when there may be more, or null.
   */
  expire(prefix: string, note: Note<EntryChange> | undefined): Promise<number | null>;
}

export interface TellingStore extends Store {
  readonly outbox: EntryOutbox;
}

/** Entries that one step takes away. */
export const EXPIRED_AT_ONCE = 500;
