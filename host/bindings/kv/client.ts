import type { Body, Call, Result } from '../binding.ts';
import { HotMemory, HotTier, type HotEntry } from './hot.ts';
import { MAX_VALUE } from './size.ts';
import { streamOf } from './stream.ts';

type ValueType = 'text' | 'json' | 'arrayBuffer' | 'stream';
type GetOptions = { readonly type?: unknown; readonly cacheTtl?: unknown } | string | null | undefined;

interface Fenced {
  readonly fence?: unknown;
}

interface Found {
  readonly value: unknown;
  readonly metadata: unknown;
  readonly revision: number;
  readonly cacheStatus: 'HIT' | null;
}

/** An answer to `get`. */
interface Answered {
  readonly metadata: unknown;
  readonly revision: number;
  readonly expiration?: number;
}

/** One of an answer to `getMany`. */
interface Part {
  readonly size: number;
  readonly metadata: unknown;
  readonly expiration?: number;
}

const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { ignoreBOM: true });
const PUT_TYPES = 'KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.';
const GET_TYPES = 'Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".';

/** Fewer seconds are no `cacheTtl`: the host says so. */
const MIN_CACHE_TTL = 30;
const MAX_KEYS = 100;

/** `KVNamespace` of `sdk/kv.ts`, in the cell: it makes arguments what can cross the border, and answers what a function expects. */
export class KvNamespace {
  readonly #call: Call;
  /** For reads with `cacheTtl`. */
  readonly #hot: HotTier;

  constructor(call: Call, memory: HotMemory = new HotMemory()) {
    this.#call = call;
    this.#hot = new HotTier(memory);
  }

  async get(key: unknown, options?: GetOptions): Promise<unknown> {
    if (!Array.isArray(key)) return (await this.#get(key, options))?.value ?? null;
    const found = await this.#getMany(key, options);
    return new Map(found.map(([name, each]) => [name, each?.value ?? null]));
  }

  async getWithMetadata(key: unknown, options?: GetOptions): Promise<unknown> {
    if (Array.isArray(key)) return new Map(await this.#getMany(key, options));
    const { value = null, metadata = null, cacheStatus = null } = (await this.#get(key, options)) ?? {};
    return { value, metadata, cacheStatus };
  }

  /** Never from memory: who compares and sets wants what is there. */
  async getWithRevision(key: unknown, options?: GetOptions): Promise<unknown> {
    const { type, cacheTtl } = howOf(options);
    const { value = null, metadata = null, revision = 0 } = (await this.#ask(keyOf(key), type, cacheTtl)) ?? {};
    return { value, metadata, revision };
  }

  async put(key: unknown, value: unknown, options?: Readonly<Record<string, unknown>> | null): Promise<unknown> {
    const { expiration, expirationTtl, metadata, ifRevision, fence } = options ?? {};
    const how = {
      expiration: wholeOf(expiration),
      expirationTtl: wholeOf(expirationTtl),
      metadata: metadata === null ? undefined : JSON.stringify(metadata),
      ifRevision,
      fence,
    };
    const name = keyOf(key);
    const { value: revision } = await this.#write(name, 'put', [name, how], bodyOf(value));
    return ifRevision === undefined ? undefined : { revision };
  }

  async delete(key: unknown, { fence }: Fenced = {}): Promise<void> {
    const name = keyOf(key);
    await this.#write(name, 'delete', [name, { fence }]);
  }

  async list(options?: { readonly prefix?: unknown; readonly limit?: unknown; readonly cursor?: unknown } | null): Promise<unknown> {
    const { prefix, limit, cursor } = options ?? {};
    const { value } = await this.#call('list', [{ prefix: optional(prefix), limit: wholeOf(limit), cursor: optional(cursor) }]);
    const page = value as { keys: unknown[]; cursor?: string };
    return page.cursor === undefined
      ? { keys: page.keys, list_complete: true, cacheStatus: null }
      : { keys: page.keys, list_complete: false, cursor: page.cursor, cacheStatus: null };
  }

  async increment(key: unknown, by: unknown = 1, { fence }: Fenced = {}): Promise<number | bigint> {
    if (typeof by !== 'bigint' && !Number.isSafeInteger(by)) throw new TypeError('increment() adds a whole number.');
    const name = keyOf(key);
    const { value } = await this.#write(name, 'increment', [name, String(by), { fence }]);
    if (typeof by === 'bigint') return BigInt(value as string);
    const sum = Number(value);
    if (Number.isSafeInteger(sum)) return sum;
    throw new RangeError(`The sum ${value as string} is no safe integer; add a bigint to get one.`);
  }

  async #get(key: unknown, options: GetOptions): Promise<Found | null> {
    const { type, cacheTtl } = howOf(options);
    const name = keyOf(key);
    const hot = cacheTtl === undefined ? undefined : this.#kept(name, cacheTtl);
    if (hot === undefined) return this.#ask(name, type, cacheTtl);
    return hot.exists ? { value: valueIn(hot, type), metadata: hot.metadata(), revision: 0, cacheStatus: 'HIT' } : null;
  }

  async #ask(name: string, type: string, cacheTtl: number | undefined): Promise<Found | null> {
    const stream = type === 'stream';
    // What is known of the key is brought up to date by every read: none finds what is older than another one found.
    const read = !stream && (cacheTtl !== undefined || this.#hot.has(name)) ? this.#hot.begin(name) : undefined;
    let hot;
    try {
      const { value, body = null } = await this.#call('get', [name, { stream, cacheTtl }]);
      if (value === null) {
        hot = { bytes: null, metadata: null };
        return null;
      }
      const { metadata, revision, expiration } = value as Answered;
      // A buffer becomes the function's own.
      if (read) hot = { bytes: type === 'arrayBuffer' ? (body as Uint8Array).slice() : (body as Uint8Array), metadata, expiration };
      return { value: await valueOf(body, type), metadata, revision, cacheStatus: null };
    } finally {
      if (read) this.#hot.end(read, hot);
    }
  }

  async #getMany(keys: readonly unknown[], options: GetOptions): Promise<[string, { value: unknown; metadata: unknown } | null][]> {
    const { type, cacheTtl } = howOf(options);
    if (type !== 'text' && type !== 'json') throw new Error(`KV GET_BULK failed: 400 "${type}" is not a valid type. Use "json" or "text"`);
    const names = keys.map(keyOf);
    // What asks for too many is the host's to refuse.
    const isHot = cacheTtl !== undefined && names.length <= MAX_KEYS;
    const hot = new Map(isHot ? names.flatMap((name) => entryOf(name, this.#kept(name, cacheTtl))) : []);
    const rest = names.filter((name) => !hot.has(name));
    const asked = rest.length === 0 && names.length > 0 ? [] : await this.#askMany(rest, cacheTtl);
    let next = 0;
    return names.map((name) => {
      const known = hot.get(name);
      if (known === undefined) return [name, partOf(asked[next++]!, type)];
      return [name, known.exists ? { value: valueOfMany(known.text(), type), metadata: known.metadata() } : null];
    });
  }

  /** Each with its bytes. */
  async #askMany(names: readonly string[], cacheTtl: number | undefined): Promise<(readonly [Part, Uint8Array] | null)[]> {
    const reads = new Map(
      names.filter((name) => cacheTtl !== undefined || this.#hot.has(name)).map((name) => [name, this.#hot.begin(name)]),
    );
    let found: (readonly [Part, Uint8Array] | null)[] = [];
    try {
      const answer = await this.#call('getMany', [names, { cacheTtl }]);
      return (found = partsOf(answer));
    } finally {
      for (const [index, name] of names.entries()) {
        const read = reads.get(name);
        const part = found[index];
        if (read) this.#hot.end(read, part === undefined ? undefined : { ...(part?.[0] ?? { metadata: null }), bytes: part?.[1] ?? null });
        reads.delete(name);
      }
    }
  }

  #kept(name: string, cacheTtl: number): HotEntry | undefined {
    return cacheTtl >= MIN_CACHE_TTL ? this.#hot.find(name, cacheTtl) : undefined;
  }

  async #write(name: string, method: string, args: readonly unknown[], body: Body = null): Promise<Result> {
    this.#hot.forget(name);
    try {
      return await this.#call(method, args, body);
    } finally {
      this.#hot.forget(name);
    }
  }
}

function entryOf(name: string, entry: HotEntry | undefined): [string, HotEntry][] {
  return entry === undefined ? [] : [[name, entry]];
}

/** An answer of several, each with the bytes that are its own. */
function partsOf({ value, body }: Result): (readonly [Part, Uint8Array] | null)[] {
  let at = 0;
  return (value as (Part | null)[]).map((part) => part && [part, (body as Uint8Array).subarray(at, (at += part.size))]);
}

function partOf(found: readonly [Part, Uint8Array] | null, type: 'text' | 'json'): { value: unknown; metadata: unknown } | null {
  return found && { value: valueOfMany(text.decode(found[1]), type), metadata: found[0].metadata };
}

function valueOfMany(written: string, type: 'text' | 'json'): unknown {
  if (type === 'text') return written;
  try {
    return JSON.parse(written);
  } catch {
    throw new Error('KV GET_BULK failed: 400 At least one of the requested keys corresponds to a non-json value');
  }
}

function valueIn(hot: HotEntry, type: string): unknown {
  switch (type as ValueType) {
    case 'text':
      return hot.text();
    case 'json':
      return JSON.parse(hot.text());
    case 'arrayBuffer':
      return hot.bytes().buffer;
    case 'stream':
      return streamOf(hot.bytes());
    default:
      throw new TypeError(GET_TYPES);
  }
}

async function valueOf(body: Body, type: string): Promise<unknown> {
  if (type === 'stream') return body;
  const bytes = body as Uint8Array<ArrayBuffer>;
  switch (type as ValueType) {
    case 'text':
      return text.decode(bytes);
    case 'json':
      return JSON.parse(text.decode(bytes));
    case 'arrayBuffer':
      return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
    default:
      throw new TypeError(GET_TYPES);
  }
}

function howOf(options: GetOptions): { type: string; cacheTtl: number | undefined } {
  if (typeof options === 'string') return { type: options, cacheTtl: undefined };
  const { type = 'text', cacheTtl } = options ?? {};
  return { type: String(type), cacheTtl: wholeOf(cacheTtl) };
}

/** As Web IDL converts to a string of whole characters, but that nothing is no name. */
function keyOf(key: unknown): string {
  if (key === undefined || key === null) throw new TypeError('A key is a string.');
  return String(key as string).toWellFormed();
}

function optional(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value as string);
}

/** As Web IDL converts to an integer. */
function wholeOf(value: unknown): number | undefined {
  return value === undefined || value === null ? undefined : Math.trunc(Number(value)) || 0;
}

/** The bytes are copied: the function may change its own while they are on their way. */
function bodyOf(value: unknown): Body {
  if (value instanceof ReadableStream) return value as ReadableStream<Uint8Array>;
  const bytes = bytesOf(typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint' ? String(value) : value);
  if (bytes.byteLength > MAX_VALUE)
    throw new Error(`KV PUT failed: 413 Value length of ${bytes.byteLength} exceeds limit of ${MAX_VALUE}.`);
  return typeof value === 'string' ? bytes : bytes.slice();
}

function bytesOf(value: unknown): Uint8Array<ArrayBuffer> {
  if (typeof value === 'string') return utf8.encode(value);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
  throw new TypeError(PUT_TYPES);
}
