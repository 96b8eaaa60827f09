import type { Note, Outbox } from './outbox.ts';
import type { Quota } from './quota.ts';

/**
 * Objects by key, of any size and in streams: what R2 buckets are made of. (`Blobs` are the bytes of artifacts, whole.)
 *
 * An object is there whole or not at all, for every reader and also after `kill -9` during a write: who reads an object
 * that is overwritten or deleted meanwhile gets the rest of what was there. What has been acknowledged survives `kill -9`.
 * What cannot be done is an `ObjectError`, and its code is that of R2.
 */
export interface Objects {
  /** What is known of an object, or null where there is none. */
  head(key: string): Promise<StoredObject | null>;

  /** The object with its bytes, or a part of them; null where there is none. @throws {ObjectError} where the range has no bytes */
  get(key: string, options?: GetObject): Promise<FoundObject | null>;

  /**
   * Writes over what is there, once all of `body` has come; one that breaks off writes nothing. Null, with nothing
   * written, where `check` says no. @throws {ObjectError} where the bytes are not those of `digest`, or too many
   * @throws {QuotaExceeded} as soon as more has come than `quota` has room for
   */
  put(key: string, body: ObjectBytes, options?: PutObject): Promise<StoredObject | null>;

  /** Without effect for keys that are not there. */
  delete(keys: readonly string[], options?: Noted): Promise<void>;

  /** A page of objects, in the order of their keys' UTF-8 bytes. */
  list(options: ListObjects): Promise<ObjectPage>;

  /** Begins an object that comes in parts, and gives the upload's id. It is forgotten when it has not ended within 7 days. */
  createUpload(key: string, facts: ObjectFacts, options?: Counted): Promise<string>;

  /**
   * Keeps one part, over the one of the same number, and gives its etag. @throws {ObjectError} where there is no such upload
   * @throws {QuotaExceeded} as `put`
   */
  putPart(upload: Upload, part: NewPart, options?: Counted): Promise<string>;

  /**
   * Makes the object of these parts, or with null gives all of them up. Null where there is nothing to give up. What it makes
   * takes no more than the parts and the upload did.
   * @throws {ObjectError} where there is no such upload or part, or parts are not of one size
   */
  endUpload(upload: Upload, parts: readonly Part[] | null, options?: Noted): Promise<StoredObject | null>;

  /** Where the messages of `note` lie; null where the store has no place for them, and asks no `note`. */
  readonly outbox: Outbox | null;
}

/** A write that leaves messages in the outbox: they are there with what it wrote, or neither is. */
export interface Noted {
  /** Asked for each object that is made, written over or removed. */
  readonly note?: Note | undefined;
}

/** A write that is held to a quota. */
export interface Counted {
  /**
   * What the bucket may have; without one, as much as there is room for. Its `keys` are objects, uploads that have not ended,
   * and their parts; its bytes those of objects and parts, of keys, and of what is said of them.
   */
  readonly quota?: Quota | undefined;
}

export interface NewPart {
  readonly partNumber: number;
  readonly body: ObjectBytes;
}

/** Bytes to write; a stream's length need not be known. */
export type ObjectBytes = Uint8Array | ReadableStream<Uint8Array>;

/** What a writer says of an object. */
export interface ObjectFacts {
  /** By the names that R2 has for them: `contentType`, …; `cacheExpiry` in milliseconds since the epoch. */
  readonly httpMetadata: Readonly<Record<string, string | number>>;
  readonly customMetadata: Readonly<Record<string, string>>;
  readonly storageClass?: string;
  /** The greatest fence that it was written with. Functions do not see it. */
  readonly fence?: number;
}

export interface StoredObject extends ObjectFacts {
  readonly key: string;
  /** Another one for each write. */
  readonly version: string;
  readonly size: number;
  /** The MD5 of the bytes in hex; of an object in parts, that of the parts' MD5s, a dash, and their number. */
  readonly etag: string;
  /** Milliseconds since the epoch. */
  readonly uploaded: number;
  /** In hex, by algorithm: those that were asked for at the write, and `md5` where the object is no one in parts. */
  readonly checksums: Readonly<Partial<Record<Algorithm, string>>>;
}

export type Algorithm = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** Looks at what is there when the operation takes effect. It may throw. */
export type Check = (current: StoredObject | null) => boolean;

export interface GetObject {
  readonly range?: ObjectRange;
  /** False: the object comes without its bytes. */
  readonly check?: Check;
}

/** `suffix` stands alone. `header` is the value of a Range header; one that cannot be read means the whole. */
export type ObjectRange = { readonly offset?: number; readonly length?: number; readonly suffix?: number } | { readonly header: string };

export interface FoundObject {
  readonly object: StoredObject;
  /** The part that `body` is. */
  readonly offset: number;
  readonly length: number;
  /** Null where `check` said no. A stream that is not read to its end is to be cancelled. */
  readonly body: ObjectBytes | null;
}

export interface PutObject extends Partial<ObjectFacts>, Counted, Noted {
  readonly check?: Check;
  /** What the bytes have to be, in hex. */
  readonly digest?: { readonly algorithm: Algorithm; readonly hex: string };
}

export interface ListObjects {
  readonly prefix: string;
  readonly limit: number;
  /** Only keys behind this one. */
  readonly startAfter?: string;
  /** `cursor` of the page before. */
  readonly cursor?: string;
  /** Not empty: keys that have it behind the prefix are one entry together, up to and with it. */
  readonly delimiter?: string;
  /** Asks for the `httpMetadata` and `customMetadata` of objects, which may cost more. */
  readonly include: readonly ('httpMetadata' | 'customMetadata')[];
}

export interface ObjectPage {
  readonly objects: readonly StoredObject[];
  readonly delimitedPrefixes: readonly string[];
  /** Not there at the end. */
  readonly cursor?: string;
}

export interface Upload {
  readonly key: string;
  readonly id: string;
}

export interface Part {
  readonly partNumber: number;
  readonly etag: string;
}
