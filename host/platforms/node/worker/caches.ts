import type CachePolicy from 'http-cache-semantics';
import type { CellRequest } from './request.ts';
import { nativeRequest } from './request.ts';

/** What one cell may keep, in bytes of bodies; the entries that were used longest ago go first. */
const MAX_BYTES = 32 * 1024 * 1024;

interface Entry {
  readonly policy: CachePolicy;
  readonly status: number;
  readonly headers: [string, string][];
  readonly body: Uint8Array<ArrayBuffer>;
}

/**
 * Workers' Cache API, as far as one cell goes: in memory, gone with the cell, by RFC 9111.
 * https://developers.cloudflare.com/workers/runtime-apis/cache/
 */
export function createCaches(): { default: CellCache; open(name: string): Promise<CellCache> } {
  const named = new Map<string, CellCache>();
  return {
    default: new CellCache(),
    open(name) {
      let cache = named.get(name);
      if (cache === undefined) named.set(name, (cache = new CellCache()));
      return Promise.resolve(cache);
    },
  };
}

class CellCache {
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  async put(input: RequestInfo | URL, response: Response): Promise<void> {
    const request = requestOf(input);
    if (request.method !== 'GET') throw new TypeError(`Cannot put a response to ${request.method}: only those to GET can be kept.`);
    if (response.status === 206) throw new TypeError('Cannot put a 206 response.');
    if (response.headers.get('vary')?.trim() === '*') throw new TypeError('Cannot put a response with Vary: *.');
    const { default: Policy } = await import('http-cache-semantics');
    const body = new Uint8Array(await response.arrayBuffer());
    const headers = [...response.headers].filter(([name]) => name !== 'set-cookie');
    // Workers keeps a response whose Set-Cookie is named private; what is kept loses it.
    const policy = new Policy(described(request), { status: response.status, headers: Object.fromEntries(headers) }, { shared: true });
    if (!policy.storable() || body.byteLength > MAX_BYTES) return;
    this.#remove(request.url);
    this.#entries.set(request.url, { policy, status: response.status, headers, body });
    this.#bytes += body.byteLength;
    for (const url of this.#entries.keys()) {
      if (this.#bytes <= MAX_BYTES) break;
      this.#remove(url);
    }
  }

  async match(input: RequestInfo | URL, options?: { ignoreMethod?: boolean }): Promise<Response | undefined> {
    const request = requestOf(input);
    if (request.method !== 'GET' && options?.ignoreMethod !== true) return undefined;
    const entry = this.#entries.get(request.url);
    if (entry === undefined) return undefined;
    if (!entry.policy.satisfiesWithoutRevalidation({ ...described(request), method: 'GET' })) {
      if (entry.policy.timeToLive() <= 0) this.#remove(request.url);
      return undefined;
    }
    this.#entries.delete(request.url);
    this.#entries.set(request.url, entry);
    const headers = new Headers(entry.headers);
    headers.set('age', String(Math.floor(entry.policy.age())));
    headers.set('cf-cache-status', 'HIT');
    return new globalThis.Response(entry.body.slice(), { status: entry.status, headers });
  }

  async delete(input: RequestInfo | URL): Promise<boolean> {
    return this.#remove(requestOf(input).url);
  }

  #remove(url: string): boolean {
    const entry = this.#entries.get(url);
    if (entry === undefined) return false;
    this.#bytes -= entry.body.byteLength;
    return this.#entries.delete(url);
  }
}

function requestOf(input: RequestInfo | URL): Request {
  return input instanceof globalThis.Request ? input : new globalThis.Request(nativeRequest(input));
}

function described(request: Request | CellRequest): { url: string; method: string; headers: Record<string, string> } {
  return { url: request.url, method: request.method, headers: Object.fromEntries(request.headers) };
}
