import { BindingError } from '../../bindings/binding-error.ts';
import type { Body, Methods, Result } from '../../bindings/binding.ts';
import { answerOf, partOf } from '../../caches/answer.ts';
import { keptOf, type Kept } from '../../caches/kept.ts';

/** Bytes of one response, of all that one function keeps, and of all functions together. */
const LIMITS = { entry: 32 * 1024 * 1024, function: 64 * 1024 * 1024, host: 256 * 1024 * 1024 };
/** What an entry takes besides what is counted, about. */
const OVERHEAD = 500;

export type CacheLimits = typeof LIMITS;

interface Entry {
  readonly kept: Kept;
  readonly body: Uint8Array;
  readonly size: number;
}

/** What one function keeps, by cache and URL, in the order of use. */
interface FunctionCaches {
  readonly entries: Map<string, Entry>;
  bytes: number;
}

/**
 * Workers' Cache API for all cells of this host: in its memory, by RFC 9111. What was used longest ago goes first, and of
 * functions the one that has been still for longest.
 * https://developers.cloudflare.com/workers/runtime-apis/cache/
 */
export class HostCaches {
  readonly #now: () => number;
  readonly #limits: CacheLimits;
  readonly #functions = new Map<string, FunctionCaches>();
  #bytes = 0;

  constructor(now: () => number, limits: CacheLimits = LIMITS) {
    this.#now = now;
    this.#limits = limits;
  }

  /**
   * What the cells of a function can call.
   *
   * | method | arguments, body | value, body |
   * |---|---|---|
   * | match | cache, URL, headers of the request | `{ status, headers }` and the body, or null |
   * | put | cache, URL, headers of the request, status, headers; the body | |
   * | delete | cache, URL | whether there was one |
   */
  of(name: string): Methods {
    return {
      match: async ([cache, url, headers]) => this.#match(name, keyOf(cache, url), headersOf(headers)),
      put: ([cache, url, asked, status, headers], body) =>
        this.#put(name, keyOf(cache, url), {
          kept: keptOf(headersOf(asked), { status: statusOf(status), headers: headersOf(headers) }, this.#now()),
          body,
        }),
      delete: async ([cache, url]) => ({ value: this.#remove(name, keyOf(cache, url)) }),
    };
  }

  #match(name: string, key: string, request: Headers): Result {
    const entry = this.#functions.get(name)?.entries.get(key);
    if (entry === undefined) return { value: null };
    const answer = answerOf(entry.kept, request, this.#now());
    if (answer === null) {
      if (entry.kept.times.until <= this.#now()) this.#remove(name, key);
      return { value: null };
    }
    this.#use(name, key, entry);
    const { status, headers, range } = answer;
    if (status === 304) return { value: { status, headers: [...headers] } };
    if (range === null) return bodyOf(status, headers, entry.body);
    const part = partOf(range, entry.body.byteLength);
    if (part === null) {
      const unsatisfied = [
        ['content-range', `bytes */${entry.body.byteLength}`],
        ['cf-cache-status', 'HIT'],
      ];
      return { value: { status: 416, headers: unsatisfied } };
    }
    headers.set('content-range', `bytes ${part.start}-${part.end - 1}/${entry.body.byteLength}`);
    return bodyOf(206, headers, entry.body.subarray(part.start, part.end));
  }

  async #put(name: string, key: string, { kept, body }: { kept: Kept | null; body: Body }): Promise<Result> {
    const bytes = kept === null ? null : await bytesOf(body, this.#limits.entry);
    if (kept === null || bytes === null) {
      if (body instanceof ReadableStream && !body.locked) await body.cancel();
      return { value: null };
    }
    const size = bytes.byteLength + 2 * (key.length + JSON.stringify(kept).length) + OVERHEAD;
    this.#remove(name, key);
    this.#use(name, key, { kept, body: bytes, size });
    const own = this.#functions.get(name)!;
    for (const oldest of own.entries.keys()) {
      if (own.bytes <= this.#limits.function) break;
      this.#remove(name, oldest);
    }
    for (const [other, { entries }] of this.#functions) {
      if (this.#bytes <= this.#limits.host) break;
      for (const oldest of entries.keys()) if (this.#bytes > this.#limits.host) this.#remove(other, oldest);
    }
    return { value: null };
  }

  /** Puts it at the end of its function's, and the function at the end of all. */
  #use(name: string, key: string, entry: Entry): void {
    const own = this.#functions.get(name) ?? { entries: new Map<string, Entry>(), bytes: 0 };
    if (!own.entries.delete(key)) {
      own.bytes += entry.size;
      this.#bytes += entry.size;
    }
    own.entries.set(key, entry);
    this.#functions.delete(name);
    this.#functions.set(name, own);
  }

  #remove(name: string, key: string): boolean {
    const own = this.#functions.get(name);
    const entry = own?.entries.get(key);
    if (own === undefined || entry === undefined) return false;
    own.entries.delete(key);
    own.bytes -= entry.size;
    this.#bytes -= entry.size;
    if (own.entries.size === 0) this.#functions.delete(name);
    return true;
  }
}

/** A copy: what crosses the border moves. */
function bodyOf(status: number, headers: Headers, body: Uint8Array): Result {
  headers.set('content-length', String(body.byteLength));
  return { value: { status, headers: [...headers] }, body: body.slice() };
}

/** Null where they are too many. What breaks off keeps nothing. */
async function bytesOf(body: Body, limit: number): Promise<Uint8Array | null> {
  if (body === null) return new Uint8Array();
  if (body instanceof Uint8Array) return body.byteLength > limit ? null : body;
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const part of body) {
      size += part.byteLength;
      if (size > limit) return null;
      parts.push(part);
    }
  } catch {
    throw new BindingError('The body of the response broke off.', { name: 'TypeError' });
  }
  return Buffer.concat(parts);
}

/** No URL has a line feed in it. */
function keyOf(cache: unknown, url: unknown): string {
  if (typeof cache !== 'string' || typeof url !== 'string' || !URL.canParse(url)) throw invalid();
  const { href, hash } = new URL(url);
  return `${href.slice(0, href.length - hash.length)}\n${cache}`;
}

function headersOf(value: unknown): Headers {
  try {
    return new Headers(value as [string, string][]);
  } catch {
    throw invalid();
  }
}

function statusOf(value: unknown): number {
  if (!Number.isInteger(value) || (value as number) < 200 || (value as number) > 599) throw invalid();
  return value as number;
}

function invalid(): BindingError {
  return new BindingError('This is no request of a cache.', { name: 'TypeError' });
}
