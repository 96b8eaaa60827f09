/**
 * The body of a message that tells of a key of a KV namespace, for `kv_namespaces.notifications`. It comes at least once; those of one
 * key come in the order of the writes.
 */
export interface KVChange {
  /** The namespace's `id`; `FUNCTION/BINDING` of a function's own. */
  readonly namespace: string;
  readonly key: string;
  /** `expire`: its time was over. It comes within moments, when the key is gone for readers already. */
  readonly operation: 'put' | 'delete' | 'increment' | 'expire';
  /** Grows with each change of a key; after a `put` it is what `getWithRevision()` gives. */
  readonly revision: number;
  /** When it happened, RFC 3339. */
  readonly time: string;
  /** Bytes of the value. This and what follows, but for `fence`, is there of `put` and `increment`. */
  readonly size?: number;
  /** Where the rule has `values`: text, or bytes that are none; null where it has more than 64 KiB. */
  readonly value?: string | { readonly base64: string } | null;
  readonly metadata?: unknown;
  /** Seconds since the epoch. */
  readonly expiration?: number;
  /** What the write came with. */
  readonly fence?: number;
}

/**
 * The body of a message that tells of a row of a D1 database, for `d1_databases.notifications`. It comes at least once; those of
 * one row come in the order of the writes.
 */
export interface D1Change {
  /** The database's `database_id`; `FUNCTION/BINDING` of a function's own. */
  readonly database: string;
  readonly table: string;
  /** A row whose primary key changes is deleted, and inserted under the new one. */
  readonly operation: 'insert' | 'update' | 'delete';
  /** The columns of the primary key; `rowid` where the table has none. */
  readonly key: D1ChangedRow;
  /** Grows with each change that is told of the database. */
  readonly sequence: number;
  /** When it happened, RFC 3339. */
  readonly time: string;
  /** The row before, of `update` and `delete`; not there where the rule has `rows = false`. */
  readonly old?: D1ChangedRow;
  /** The row after, of `insert` and `update`; not there where the rule has `rows = false`. */
  readonly new?: D1ChangedRow;
  /** The rows are more than a message may have, and left out. */
  readonly truncated?: true;
}

export type D1ChangedRow = Readonly<Record<string, D1ChangedValue>>;

/** A BLOB is base64; an integer beyond 2^53 is text; a value of more than 16 KiB is left out, and its length in bytes given. */
export type D1ChangedValue =
  string | number | null | { readonly base64: string } | { readonly integer: string } | { readonly omitted: number };
