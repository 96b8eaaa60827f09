/**
 * A bucket: objects of any size by key, bound to the function by `r2_buckets` of its manifest and found as `env.NAME`. The
 * API is that of Workers, https://developers.cloudflare.com/r2/api/workers/workers-api-reference/, with streams of unknown
 * length and fences beside it.
 *
 * **Limits.** A key has at most 1,024 bytes of UTF-8; an object has at most 5 GiB less 5 MiB, and in parts 10,000 of them;
 * `customMetadata` has at most 8,192 bytes, and no name in it begins with `brink-`. On workerd and Cloudflare, where all
 * buckets lie in one, a key has so many bytes fewer as `bucket/NAME/` or `function/FUNCTION/BINDING/` before it needs.
 *
 * **Consistency.** What a call has written, each later call finds, from whichever function, cell or machine. An object is
 * there whole or not at all: who reads one that is overwritten or deleted meanwhile gets the rest of what was there (on
 * Node; on Cloudflare as R2 has it). Conditions and fences are looked at in one step with the write. A `list` of several
 * pages is not one step.
 *
 * **Durability.** A write that has resolved survives the end of the host's process; on Node also a loss of power. One that
 * has not is not there at all.
 *
 * **Memory.** Values that are streams, and bodies, pass in pieces: an object need not fit into memory.
 *
 * **Errors.** Each method returns a promise, and rejects it: a `TypeError` or `RangeError` where an argument is not what it
 * has to be, and an `Error` in R2's words, with its code at the end: `put: The specified object name is not valid.
 * (10020)`. A method that is called outside of a handler, or when its invocation has ended, rejects too, and a body that is
 * not read by then breaks off: keep what is to go on with `ctx.waitUntil()`. What the host's quotas have no room for, more
 * objects or bytes than a bucket may have, is an `Error` with the name `QuotaExceededError` and `code: 'quota-exceeded'`, and
 * nothing is written; buckets that lie in R2 have none.
 *
 * @example
 * ```ts
 * await env.FILES.put('report.pdf', request.body, { httpMetadata: request.headers });
 * const report = await env.FILES.get('report.pdf', { range: request.headers });
 * ```
 */
export interface R2Bucket {
  /** What is known of an object, or null where there is none. */
  head(key: string): Promise<R2Object | null>;

  /**
   * An object with its bytes, or null where there is none. Where `onlyIf` does not hold, it comes without `body`.
   *
   * @throws {Error} code 10039, where the range has none of the object's bytes
   */
  get(key: string, options: R2GetOptions & { readonly onlyIf: R2Conditional | Headers }): Promise<R2ObjectBody | R2Object | null>;
  get(key: string, options?: R2GetOptions): Promise<R2ObjectBody | null>;

  /**
   * Writes an object over the one that is there, when all of `value` has come: a stream that breaks off writes nothing.
   * null is an object without bytes.
   *
   * A stream's length need not be known, as it does on Workers. On workerd and Cloudflare one of more than 8 MiB whose
   * length nobody knows is then kept in parts: its etag is that of an object in parts, and it takes no `onlyIf` and no
   * `fence`. The length of a request's or response's body with Content-Length is known, and that of a `FixedLengthStream`.
   *
   * @returns null where `onlyIf` does not hold: nothing was written
   * @throws {Error} code 10037, where the bytes are not those of the checksum: nothing was written
   * @throws {Error} with `code: 'fenced'`, where a greater `fence` has written before: nothing was written
   */
  put(
    key: string,
    value: R2PutValue | null,
    options: R2PutOptions & { readonly onlyIf: R2Conditional | Headers },
  ): Promise<R2Object | null>;
  put(key: string, value: R2PutValue | null, options?: R2PutOptions): Promise<R2Object>;

  /** Takes one object away, or up to 1,000; without effect for those that are not there. */
  delete(keys: string | readonly string[]): Promise<void>;

  /** One page of objects, in the order of the UTF-8 bytes of their keys. */
  list(options?: R2ListOptions): Promise<R2Objects>;

  /** Begins an object that comes in parts, which is there when it is completed. It is forgotten after 7 days. */
  createMultipartUpload(key: string, options?: R2MultipartOptions): Promise<R2MultipartUpload>;

  /** One that was begun earlier, perhaps by another invocation. Whether there is one, its methods find out. */
  resumeMultipartUpload(key: string, uploadId: string): R2MultipartUpload;
}

export type R2PutValue = ReadableStream<Uint8Array> | ArrayBuffer | ArrayBufferView | string | Blob;

export interface R2Object {
  readonly key: string;
  /** Another one for each write. */
  readonly version: string;
  /** Bytes of the whole object. */
  readonly size: number;
  /** The MD5 of the bytes in hex; of an object in parts, that of their MD5s and their number: `…-3`. */
  readonly etag: string;
  /** The same in quotes, for the ETag header. */
  readonly httpEtag: string;
  /** `md5`, where the object did not come in parts, and the one that was given with `put`. */
  readonly checksums: R2Checksums;
  /** When it was written. */
  readonly uploaded: Date;
  /** In a `list` that does not ask for them, empty on Node; see `include`. */
  readonly httpMetadata?: R2HTTPMetadata;
  readonly customMetadata?: Readonly<Record<string, string>>;
  /** The part that `get` gave, or was asked for; not there after `put` and in lists. */
  readonly range?: R2Range;
  /** As it was given; it changes nothing but on Cloudflare. `Standard` by default. */
  readonly storageClass: string;
  /** Sets the headers that `httpMetadata` has. */
  writeHttpMetadata(headers: Headers): void;
}

export interface R2ObjectBody extends R2Object {
  /** To be read once, by this or by one of the methods. */
  readonly body: ReadableStream<Uint8Array>;
  readonly bodyUsed: boolean;
  arrayBuffer(): Promise<ArrayBuffer>;
  bytes(): Promise<Uint8Array>;
  text(): Promise<string>;
  /** @throws {SyntaxError} where it is no JSON */
  json<Value = unknown>(): Promise<Value>;
  /** Of the type that `httpMetadata.contentType` says. */
  blob(): Promise<Blob>;
}

export interface R2Checksums {
  readonly md5?: ArrayBuffer;
  readonly sha1?: ArrayBuffer;
  readonly sha256?: ArrayBuffer;
  readonly sha384?: ArrayBuffer;
  readonly sha512?: ArrayBuffer;
  /** The same in hex. */
  toJSON(): { readonly [Algorithm in 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512']?: string };
}

/** Each is the header of its name; `cacheExpiry` is Expires. */
export interface R2HTTPMetadata {
  readonly contentType?: string;
  readonly contentLanguage?: string;
  readonly contentDisposition?: string;
  readonly contentEncoding?: string;
  readonly cacheControl?: string;
  readonly cacheExpiry?: Date;
}

/** In bytes: from `offset`, `length` of them, or the last `suffix`. */
export type R2Range =
  | { readonly offset: number; readonly length?: number }
  | { readonly offset?: number; readonly length: number }
  | { readonly suffix: number };

/** All of them have to hold. As headers: If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since, in whole seconds. */
export interface R2Conditional {
  /** Without quotes; `*` is any object that is there. */
  readonly etagMatches?: string;
  readonly etagDoesNotMatch?: string;
  readonly uploadedBefore?: Date;
  readonly uploadedAfter?: Date;
  /** Whether times are compared in whole seconds. */
  readonly secondsGranularity?: boolean;
}

export interface R2GetOptions {
  readonly onlyIf?: R2Conditional | Headers;
  /** As headers: Range, of which one range is followed; several, or one that cannot be read, are as none. */
  readonly range?: R2Range | Headers;
}

export interface R2PutOptions extends R2MultipartOptions {
  readonly onlyIf?: R2Conditional | Headers;
  /** One checksum at most: bytes, or hex. */
  readonly md5?: ArrayBuffer | ArrayBufferView | string;
  readonly sha1?: ArrayBuffer | ArrayBufferView | string;
  readonly sha256?: ArrayBuffer | ArrayBufferView | string;
  readonly sha384?: ArrayBuffer | ArrayBufferView | string;
  readonly sha512?: ArrayBuffer | ArrayBufferView | string;
  /**
   * Beyond Workers: `lock.fence`. The write is refused where the object that is there was written with a greater one. A
   * write without a fence, and a delete, are not refused, and forget it: all who write under a lock are to give theirs.
   */
  readonly fence?: number;
}

export interface R2MultipartOptions {
  /** Of headers, those that it has. */
  readonly httpMetadata?: R2HTTPMetadata | Headers;
  readonly customMetadata?: Readonly<Record<string, string>>;
  readonly storageClass?: string;
}

export interface R2ListOptions {
  /** Objects, and prefixes, of one page: 1 to 1,000, which is the default; with `include` 100 at most. */
  readonly limit?: number;
  /** Only keys that begin with it. */
  readonly prefix?: string;
  /** `cursor` of the page before; the other options are to be the same. */
  readonly cursor?: string;
  /** Keys that have it behind the prefix come together as one of `delimitedPrefixes`, up to and with it. */
  readonly delimiter?: string;
  /** Only keys behind this one. */
  readonly startAfter?: string;
  /** What objects are to have beside the rest. */
  readonly include?: readonly ('httpMetadata' | 'customMetadata')[];
}

export type R2Objects = { readonly objects: readonly R2Object[]; readonly delimitedPrefixes: readonly string[] } & (
  { readonly truncated: true; readonly cursor: string } | { readonly truncated: false }
);

export interface R2MultipartUpload {
  readonly key: string;
  readonly uploadId: string;

  /**
   * Keeps one part, over the one of the same number (1 to 10,000). Every part but the last has 5 MiB or more, and all of
   * them the same size, which `complete` looks at.
   *
   * @throws {Error} code 10024, where the upload has ended
   */
  uploadPart(partNumber: number, value: R2PutValue): Promise<R2UploadedPart>;

  /**
   * Makes the object of these parts, in the order of their numbers; others are given up.
   *
   * @throws {Error} codes 10011 and 10048, where parts are too small or not of one size; 10025, where one is not there
   */
  complete(parts: readonly R2UploadedPart[]): Promise<R2Object>;

  /** Gives up what has come. */
  abort(): Promise<void>;
}

export interface R2UploadedPart {
  readonly partNumber: number;
  readonly etag: string;
}
