/**
 * A KV namespace: values by key, bound to the function by `kv_namespaces` of its manifest and found as `env.NAME`. The API
 * is that of Workers, https://developers.cloudflare.com/kv/api/, with revisions and counters beside it
 * (`getWithRevision`, `ifRevision`, `increment`, `fence`).
 *
 * **Limits.** A key has 1 to 512 bytes of UTF-8, and is neither `.` nor `..`; a value has at most 25 MiB; metadata has at
 * most 1,024 bytes as JSON. All times are in seconds.
 *
 * **Consistency.** A namespace has one place where it is kept, and every call goes there: what a `put` has written, each
 * later read finds, from whichever function, cell or machine. (Cloudflare's own KV may read what is up to a minute old; a
 * function that is to run there too should bear with that. On hosts that share their state in NATS with several replicas, a
 * `list` may miss what was written a moment ago, and a `get` may be old by seconds while the servers elect who leads.) Writes of one key take effect one after the other; calls that
 * write several keys are not one step.
 *
 * A read with `cacheTtl` gives some of that up for speed: where this cell has read the key within so many seconds, it may
 * answer from the cell's memory, and miss what other cells, functions and machines have written since. It never misses what
 * was written through the same binding of the same cell, nor goes back behind what this cell has read of the key, nor finds
 * a value that has expired. That a key has no value is remembered like a value. A cell keeps up to 16 MiB so, over all of
 * its namespaces, and no value of more than 1 MiB.
 *
 * **Durability.** A `put`, `delete` or `increment` that has resolved survives the end of the host's process; on Node also
 * a loss of power, unless the state is in NATS and that syncs later than it acknowledges. One that was rejected with 503 may
 * have been done or not.
 *
 * **Errors.** Each method returns a promise, and rejects it: a `TypeError` where an argument is not what it has to be, and
 * an `Error` where a limit is passed, in the words of Workers: `KV PUT failed: 413 Value length of 26214401 exceeds limit
 * of 26214400.` What the host's quotas have no room for has `code: 'quota-exceeded'`: more keys or bytes than a namespace
 * may have, or more operations a second than the function may make, with the seconds after which there is one again in the
 * message; nothing was written then. State that cannot be reached is `KV GET failed: 503 …`. A method that is called outside of a handler, or
 * when its invocation has ended, rejects too: keep what is to go on with `ctx.waitUntil()`.
 *
 * @example
 * ```ts
 * await env.VISITS.put('last', new Date().toISOString(), { expirationTtl: 3600 });
 * const last = await env.VISITS.get('last');
 * const count = await env.VISITS.increment('count');
 * ```
 */
export interface KVNamespace<Key extends string = string> {
  /**
   * The value of a key as text (UTF-8), or null where there is none, or it has expired.
   *
   * @throws {SyntaxError} with `json`, where the value is not JSON
   */
  get(key: Key, options?: KVGetOptions<'text'> | 'text'): Promise<string | null>;
  get<Value = unknown>(key: Key, options: KVGetOptions<'json'> | 'json'): Promise<Value | null>;
  get(key: Key, options: KVGetOptions<'arrayBuffer'> | 'arrayBuffer'): Promise<ArrayBuffer | null>;
  get(key: Key, options: KVGetOptions<'stream'> | 'stream'): Promise<ReadableStream<Uint8Array> | null>;
  /**
   * The values of 1 to 100 keys, of at most 25 MiB together. The map has each key that was asked for, with null where there
   * is no value. The reads are not one step: a write may come between two of them.
   *
   * @throws {Error} with `json`, where one of the values is not JSON
   */
  get(keys: readonly Key[], options?: KVGetOptions<'text'> | 'text'): Promise<Map<string, string | null>>;
  get<Value = unknown>(keys: readonly Key[], options: KVGetOptions<'json'> | 'json'): Promise<Map<string, Value | null>>;

  /** The value of a key, with what was put beside it. `value` and `metadata` are null where there is no value. @throws as `get` */
  getWithMetadata<Metadata = unknown>(key: Key, options?: KVGetOptions<'text'> | 'text'): Promise<KVValue<string, Metadata>>;
  getWithMetadata<Value = unknown, Metadata = unknown>(key: Key, options: KVGetOptions<'json'> | 'json'): Promise<KVValue<Value, Metadata>>;
  getWithMetadata<Metadata = unknown>(
    key: Key,
    options: KVGetOptions<'arrayBuffer'> | 'arrayBuffer',
  ): Promise<KVValue<ArrayBuffer, Metadata>>;
  getWithMetadata<Metadata = unknown>(
    key: Key,
    options: KVGetOptions<'stream'> | 'stream',
  ): Promise<KVValue<ReadableStream<Uint8Array>, Metadata>>;
  /** Of 1 to 100 keys; null stands for a key without a value. @throws as `get` of several keys */
  getWithMetadata<Metadata = unknown>(
    keys: readonly Key[],
    options?: KVGetOptions<'text'> | 'text',
  ): Promise<Map<string, { readonly value: string; readonly metadata: Metadata | null } | null>>;
  getWithMetadata<Value = unknown, Metadata = unknown>(
    keys: readonly Key[],
    options: KVGetOptions<'json'> | 'json',
  ): Promise<Map<string, { readonly value: Value; readonly metadata: Metadata | null } | null>>;

  /**
   * Beyond Workers: the value of a key with its revision, a number that grows with each write of the namespace. Where there
   * is no value, `value` and `metadata` are null and `revision` is 0, as `ifRevision` takes it. @throws as `get`
   */
  getWithRevision<Metadata = unknown>(key: Key, options?: KVGetOptions<'text'> | 'text'): Promise<KVRevision<string, Metadata>>;
  getWithRevision<Value = unknown, Metadata = unknown>(
    key: Key,
    options: KVGetOptions<'json'> | 'json',
  ): Promise<KVRevision<Value, Metadata>>;
  getWithRevision<Metadata = unknown>(
    key: Key,
    options: KVGetOptions<'arrayBuffer'> | 'arrayBuffer',
  ): Promise<KVRevision<ArrayBuffer, Metadata>>;
  getWithRevision<Metadata = unknown>(
    key: Key,
    options: KVGetOptions<'stream'> | 'stream',
  ): Promise<KVRevision<ReadableStream<Uint8Array>, Metadata>>;

  /**
   * Writes a value over the one that is there, with its metadata and its expiration. A stream is read to its end first: one
   * that breaks off writes nothing.
   *
   * With `ifRevision`, it writes only where the key still has that revision (0: only where it has no value), and resolves
   * to the new one.
   *
   * With `fence`, that of a lock, it writes only where no later holder of the lock has written the key before.
   *
   * @throws {Error} with `code: 'conflict'` and `name: 'ConflictError'`, having written nothing, where another write came
   *   before this one
   * @throws {Error} with `code: 'fenced'` and `name: 'FencedError'`, having written nothing, where a greater fence has written
   */
  put(key: Key, value: KVPutValue, options: KVPutOptions & { readonly ifRevision: number }): Promise<{ readonly revision: number }>;
  put(key: Key, value: KVPutValue, options?: KVPutOptions): Promise<void>;

  /**
   * Takes the value away; without effect where there is none. With `fence`, as `put`: the key remembers the fence for a day,
   * so that no earlier holder of the lock can bring a value back. Without, it forgets what it was written with.
   *
   * @throws {Error} with `code: 'fenced'` and `name: 'FencedError'`, where a greater fence has written
   */
  delete(key: Key, options?: KVFenceOptions): Promise<void>;

  /** One page of keys, in the order of their UTF-8 bytes. */
  list<Metadata = unknown>(options?: KVListOptions): Promise<KVListResult<Metadata, Key>>;

  /**
   * Beyond Workers: adds to the decimal number that the value is, from 0 where there is none, in one step, and resolves to
   * the sum. Metadata, expiration and fence stay. With a bigint the sum is one too, of 64 bits.
   *
   * @throws {Error} where the value is no whole number
   * @throws {RangeError} where the sum is no safe integer, or has more than 64 bits
   * @throws {Error} with `code: 'fenced'` and `name: 'FencedError'`, where a greater fence has written
   */
  increment(key: Key, by?: number, options?: KVFenceOptions): Promise<number>;
  increment(key: Key, by: bigint, options?: KVFenceOptions): Promise<bigint>;
}

export type KVPutValue = string | ArrayBuffer | ArrayBufferView | ReadableStream<Uint8Array>;

export interface KVGetOptions<Type extends 'text' | 'json' | 'arrayBuffer' | 'stream'> {
  readonly type?: Type;
  /**
   * Seconds, 30 or more: how old an answer from the cell's memory may be. Without it every read is fresh. A stream that
   * is read is not kept, `getWithRevision` is always fresh, and on Cloudflare's own KV the least is 60, and the default.
   */
  readonly cacheTtl?: number;
}

export interface KVFenceOptions {
  /**
   * `lock.fence` of the lock that protects the key: a write is refused where a greater one has written it before, so that a
   * holder which was paused past its lease cannot write over its successor's work. A `put` or `delete` without a fence is
   * done whatever has written before, and the key forgets its fence with it, as it does when a value expires: give one with
   * each write of such a key.
   */
  readonly fence?: number;
}

export interface KVPutOptions extends KVFenceOptions {
  /** When the value expires, in seconds since the epoch: at least 60 from now. */
  readonly expiration?: number;
  /** Seconds from now until the value expires, 60 or more; counts before `expiration`. */
  readonly expirationTtl?: number;
  /** Any JSON, at most 1,024 bytes of it, which `list` and `getWithMetadata` give back. */
  readonly metadata?: unknown;
  /** Writes only where the key has this revision. */
  readonly ifRevision?: number;
}

export interface KVListOptions {
  /** Only keys that begin with it. */
  readonly prefix?: string | null;
  /** Keys of one page: 1 to 1,000, which is the default. */
  readonly limit?: number;
  /** `cursor` of the page before; the other options are to be the same. */
  readonly cursor?: string | null;
}

export interface KVValue<Value, Metadata> {
  readonly value: Value | null;
  readonly metadata: Metadata | null;
  /** `HIT` where it came from the cell's memory (`cacheTtl`), else null. */
  readonly cacheStatus: 'HIT' | null;
}

export interface KVRevision<Value, Metadata> {
  readonly value: Value | null;
  readonly metadata: Metadata | null;
  readonly revision: number;
}

export interface KVListKey<Metadata, Key extends string = string> {
  readonly name: Key;
  /** Seconds since the epoch; not there where the value stays. */
  readonly expiration?: number;
  /** Not there where none was put. */
  readonly metadata?: Metadata;
}

export type KVListResult<Metadata, Key extends string = string> = {
  readonly keys: readonly KVListKey<Metadata, Key>[];
  readonly cacheStatus: null;
} & ({ readonly list_complete: true } | { readonly list_complete: false; readonly cursor: string });
