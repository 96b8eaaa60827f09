/** Large values by key. A blob is there whole or not at all, also after `kill -9` during a write. */
export interface Blobs {
  /** The bytes, or null where there is no such blob. */
  get(key: string): Promise<Uint8Array<ArrayBuffer> | null>;
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Says whether there was one. */
  delete(key: string): Promise<boolean>;
  /** Every key with this prefix, in byte order. */
  list(prefix: string): Promise<readonly string[]>;
}
