import type { Algorithm } from '../../stores/objects.ts';

/** What crosses the border of an object. */
export interface WireObject {
  readonly key: string;
  readonly version: string;
  readonly size: number;
  readonly etag: string;
  readonly uploaded: number;
  readonly checksums: Readonly<Partial<Record<Algorithm, string>>>;
  readonly httpMetadata: Readonly<Record<string, string | number>>;
  readonly customMetadata: Readonly<Record<string, string>>;
  readonly storageClass: string;
  readonly range?: { readonly offset: number; readonly length: number };
}

/** `get` gives one whose condition does not hold without its body, and says so. */
export interface WireFound {
  readonly object: WireObject;
  readonly body: boolean;
}

export type WireEtag = { readonly type: 'strong' | 'weak'; readonly value: string } | { readonly type: 'wildcard' };

/** Of `onlyIf`: times are milliseconds since the epoch. */
export interface WireConditions {
  readonly etagMatches?: readonly WireEtag[];
  readonly etagDoesNotMatch?: readonly WireEtag[];
  readonly uploadedBefore?: number;
  readonly uploadedAfter?: number;
  readonly secondsGranularity?: boolean;
}

export interface WirePage {
  readonly objects: readonly WireObject[];
  readonly delimitedPrefixes: readonly string[];
  readonly cursor?: string;
}

/** Bytes of a value that cross as a whole; more go as a stream. */
export const WHOLE = 8 * 1024 * 1024;

/** Of `httpMetadata`, with the header that each is. */
export const HTTP_FIELDS = {
  contentType: 'content-type',
  contentLanguage: 'content-language',
  contentDisposition: 'content-disposition',
  contentEncoding: 'content-encoding',
  cacheControl: 'cache-control',
  cacheExpiry: 'expires',
} as const;

export const DIGEST_BYTES: Readonly<Record<Algorithm, number>> = { md5: 16, sha1: 20, sha256: 32, sha384: 48, sha512: 64 };
