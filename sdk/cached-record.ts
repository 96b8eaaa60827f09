/** Bytes of a key that stand for themselves in the names of entries. */
const MAX_KEY = 480;
const MAX_TAGS = 100;
const MAX_TAG = 500;
const LINE_FEED = 10;

const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { ignoreBOM: true });

/** What a loader gave, or that it failed, as bytes. */
export interface Loaded {
  readonly kind: 'json' | 'bytes' | 'buffer' | 'null' | 'undefined' | 'error';
  readonly body: Uint8Array;
}

/** How often each tag has been invalidated. */
export type Generations = Readonly<Record<string, number>>;

/** The same as an entry of the namespace. Times are milliseconds since the epoch. */
export interface CachedRecord extends Loaded {
  readonly fresh: number;
  readonly stale: number;
  /** As the tags were before it was loaded. */
  readonly tags: Generations;
}

/** The names of a key's entries. */
export interface Names {
  readonly value: string;
  readonly lease: string;
}

export async function namesOf(key: unknown): Promise<Names> {
  if (typeof key !== 'string') throw new TypeError('cached(): a key is a string.');
  const bytes = utf8.encode(key);
  // What it is not, cannot begin like it.
  const name = bytes.byteLength <= MAX_KEY ? `=${key}` : `#${hexOf(await crypto.subtle.digest('SHA-256', bytes))}`;
  return { value: `cached/value/${name}`, lease: `cached/lease/${name}` };
}

export function tagKey(tag: string): string {
  return `cached/tag/${tag}`;
}

/** @throws {TypeError} */
export function tagsOf(tags: unknown): readonly string[] {
  if (!Array.isArray(tags) || tags.length > MAX_TAGS) throw new TypeError(`cached(): tags are a list of at most ${MAX_TAGS}.`);
  for (const tag of tags as unknown[]) {
    if (typeof tag !== 'string' || tag === '' || utf8.encode(tag).byteLength > MAX_TAG)
      throw new TypeError(`cached(): a tag is a string of 1 to ${MAX_TAG} bytes.`);
  }
  return [...new Set((tags as string[]).map((tag) => tag.toWellFormed()))];
}

/** @throws {TypeError} for what JSON has no text for */
export function loadedOf(value: unknown): Loaded {
  if (value === null || value === undefined) return { kind: value === null ? 'null' : 'undefined', body: new Uint8Array() };
  if (value instanceof Uint8Array) return { kind: 'bytes', body: value.slice() };
  if (value instanceof ArrayBuffer) return { kind: 'buffer', body: new Uint8Array(value.slice()) };
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) throw new TypeError(`cached(): a loader gave a ${typeof value}, which cannot be kept.`);
  return { kind: 'json', body: utf8.encode(json) };
}

export function failureOf(error: unknown): Loaded {
  return { kind: 'error', body: utf8.encode(JSON.stringify(nameOf(error))) };
}

/** What is told of an error to who is elsewhere. */
export function nameOf(error: unknown): { readonly name: string; readonly message: string } {
  return error instanceof Error ? { name: error.name, message: error.message } : { name: 'Error', message: String(error) };
}

/** A copy. @throws the error that it is */
export function valueOf({ kind, body }: Loaded): unknown {
  switch (kind) {
    case 'null':
      return null;
    case 'undefined':
      return undefined;
    case 'bytes':
      return body.slice();
    case 'buffer':
      return body.slice().buffer;
    case 'json':
      return JSON.parse(text.decode(body));
    case 'error': {
      const { name, message } = JSON.parse(text.decode(body)) as { name: string; message: string };
      throw Object.assign(new Error(message), { name });
    }
  }
}

/** Its description as a line of JSON, and then its bytes: metadata of KV would have no room for many tags. */
export function bytesOf({ body, ...header }: CachedRecord): Uint8Array {
  const line = utf8.encode(`${JSON.stringify(header)}\n`);
  const bytes = new Uint8Array(line.byteLength + body.byteLength);
  bytes.set(line);
  bytes.set(body, line.byteLength);
  return bytes;
}

/** Null for what is none. */
export function recordOf(buffer: ArrayBuffer | null): CachedRecord | null {
  if (buffer === null) return null;
  const bytes = new Uint8Array(buffer);
  const end = bytes.indexOf(LINE_FEED);
  try {
    return { ...(JSON.parse(text.decode(bytes.subarray(0, end))) as Omit<CachedRecord, 'body'>), body: bytes.subarray(end + 1) };
  } catch {
    return null;
  }
}

function hexOf(digest: ArrayBuffer): string {
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
