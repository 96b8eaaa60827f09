import type { Body, Call, Result } from '../binding.ts';
import { MAX_VALUE } from './size.ts';

type ValueType = 'text' | 'json' | 'arrayBuffer' | 'stream';
type GetOptions = { readonly type?: unknown; readonly cacheTtl?: unknown } | string | null | undefined;

interface Fenced {
  readonly fence?: unknown;
}

interface Found {
  readonly value: unknown;
  readonly metadata: unknown;
  readonly revision: number;
}

const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { ignoreBOM: true });
const PUT_TYPES = 'KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.';
const GET_TYPES = 'Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".';

/** `KVNamespace` of `sdk/kv.ts`, in the cell: it makes arguments what can cross the border, and answers what a function expects. */
export class KvNamespace {
  readonly #call: Call;

  constructor(call: Call) {
    this.#call = call;
  }

  async get(key: unknown, options?: GetOptions): Promise<unknown> {
    if (!Array.isArray(key)) return (await this.#get(key, options))?.value ?? null;
    const found = await this.#getMany(key, options);
    return new Map(found.map(([name, each]) => [name, each?.value ?? null]));
  }

  async getWithMetadata(key: unknown, options?: GetOptions): Promise<unknown> {
    if (Array.isArray(key)) return new Map(await this.#getMany(key, options));
    const { value = null, metadata = null } = (await this.#get(key, options)) ?? {};
    return { value, metadata, cacheStatus: null };
  }

  async getWithRevision(key: unknown, options?: GetOptions): Promise<Found> {
    return (await this.#get(key, options)) ?? { value: null, metadata: null, revision: 0 };
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
    const { value: revision } = await this.#call('put', [keyOf(key), how], bodyOf(value));
    return ifRevision === undefined ? undefined : { revision };
  }

  async delete(key: unknown, { fence }: Fenced = {}): Promise<void> {
    await this.#call('delete', [keyOf(key), { fence }]);
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
    const { value } = await this.#call('increment', [keyOf(key), String(by), { fence }]);
    if (typeof by === 'bigint') return BigInt(value as string);
    const sum = Number(value);
    if (Number.isSafeInteger(sum)) return sum;
    throw new RangeError(`The sum ${value as string} is no safe integer; add a bigint to get one.`);
  }

  async #get(key: unknown, options: GetOptions): Promise<Found | null> {
    const { type, cacheTtl } = howOf(options);
    const { value, body } = await this.#call('get', [keyOf(key), { stream: type === 'stream', cacheTtl }]);
    return value === null ? null : { value: await valueOf(body ?? null, type), ...(value as { metadata: unknown; revision: number }) };
  }

  async #getMany(keys: readonly unknown[], options: GetOptions): Promise<[string, { value: unknown; metadata: unknown } | null][]> {
    const { type, cacheTtl } = howOf(options);
    if (type !== 'text' && type !== 'json') throw new Error(`KV GET_BULK failed: 400 "${type}" is not a valid type. Use "json" or "text"`);
    const names = keys.map(keyOf);
    const found = await this.#call('getMany', [names, { cacheTtl }]);
    return names.map((name, index) => [name, partOf(found, index, type)]);
  }
}

function partOf({ value, body }: Result, index: number, type: 'text' | 'json'): { value: unknown; metadata: unknown } | null {
  const sizes = value as ({ size: number; metadata: unknown } | null)[];
  const found = sizes[index];
  if (!found) return null;
  const start = sizes.slice(0, index).reduce((sum, each) => sum + (each?.size ?? 0), 0);
  const written = text.decode((body as Uint8Array).subarray(start, start + found.size));
  return { value: type === 'json' ? parsedOfMany(written) : written, metadata: found.metadata };
}

function parsedOfMany(written: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    throw new Error('KV GET_BULK failed: 400 At least one of the requested keys corresponds to a non-json value');
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

/** As Web IDL converts to a string, but that nothing is no name. */
function keyOf(key: unknown): string {
  if (key === undefined || key === null) throw new TypeError('A key is a string.');
  return String(key as string);
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
