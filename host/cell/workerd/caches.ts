import { checkName, checkPut, isForCache, type QueryOptions } from '../../caches/check.ts';
import type { CacheBinding } from './protocol.ts';

/**
 * The Cache API, which an isolate of the loader lacks: the host's, by way of a binding, with names of the function's own.
 * https://developers.cloudflare.com/workers/runtime-apis/cache/
 */
export function bridgedCaches(binding: () => CacheBinding | undefined): {
  default: BridgedCache;
  open(name: string): Promise<BridgedCache>;
} {
  return {
    default: new BridgedCache('', binding),
    open: async (name) => new BridgedCache(named(checkName(name)), binding),
  };
}

class BridgedCache {
  readonly #name: string;
  readonly #binding: () => CacheBinding | undefined;

  constructor(name: string, binding: () => CacheBinding | undefined) {
    this.#name = name;
    this.#binding = binding;
  }

  async match(input: RequestInfo | URL, options?: QueryOptions): Promise<Response | undefined> {
    const request = requestOf(input);
    if (!isForCache(request, options as never)) return undefined;
    return (await this.#host().match(this.#name, request)) ?? undefined;
  }

  async put(input: RequestInfo | URL, response: Response): Promise<void> {
    const request = requestOf(input);
    checkPut(request, response);
    await this.#host().keep(this.#name, request, response);
  }

  async delete(input: RequestInfo | URL, options?: QueryOptions): Promise<boolean> {
    const request = requestOf(input);
    return isForCache(request, options as never) && this.#host().remove(this.#name, request.url);
  }

  #host(): CacheBinding {
    const binding = this.#binding();
    if (binding === undefined) throw new Error('The Cache API is there for handlers, not for top-level code.');
    return binding;
  }
}

/** A cache without a name is the default one. */
function named(name: string): string {
  return name === '' ? '' : `=${name}`;
}

/** A request without its body, which no cache looks at. */
function requestOf(input: RequestInfo | URL): Request {
  if (!(input instanceof Request)) return new Request(input);
  return new Request(input.url, { method: input.method, headers: input.headers });
}
