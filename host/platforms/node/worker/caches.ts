import type { Body, Call } from '../../../bindings/binding.ts';
import { checkName, checkPut, isForCache, type QueryOptions } from '../../../caches/check.ts';
import { nativeRequest } from '../light-request.ts';

/** Statuses whose responses have no body. https://fetch.spec.whatwg.org/#null-body-status */
const NO_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * Workers' Cache API: the host's, which all cells of the function share (`../caches.ts`).
 * https://developers.cloudflare.com/workers/runtime-apis/cache/
 */
export function createCaches(call: Call): { default: CellCache; open(name: string): Promise<CellCache> } {
  return {
    default: new CellCache('', call),
    open: async (name) => new CellCache(checkName(name), call),
  };
}

class CellCache {
  readonly #name: string;
  readonly #call: Call;

  constructor(name: string, call: Call) {
    this.#name = name;
    this.#call = call;
  }

  async put(input: RequestInfo | URL, response: Response): Promise<void> {
    const request = requestOf(input);
    checkPut(request, response);
    const { status, headers, body } = response;
    await this.#call('put', [this.#name, request.url, [...request.headers], status, [...headers]], body);
  }

  async match(input: RequestInfo | URL, options?: QueryOptions): Promise<Response | undefined> {
    const request = requestOf(input);
    if (!isForCache(request, options as never)) return undefined;
    const { value, body = null } = await this.#call('match', [this.#name, request.url, [...request.headers]]);
    if (value === null) return undefined;
    const { status, headers } = value as { status: number; headers: [string, string][] };
    return new globalThis.Response(NO_BODY.has(status) ? null : (body as Exclude<Body, Uint8Array> | Uint8Array<ArrayBuffer>), {
      status,
      headers,
    });
  }

  async delete(input: RequestInfo | URL, options?: QueryOptions): Promise<boolean> {
    const request = requestOf(input);
    if (!isForCache(request, options as never)) return false;
    return (await this.#call('delete', [this.#name, request.url])).value as boolean;
  }
}

function requestOf(input: RequestInfo | URL): Request {
  return input instanceof globalThis.Request ? input : new globalThis.Request(nativeRequest(input));
}
