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
    open: async (name) => new BridgedCache(`=${name}`, binding),
  };
}

class BridgedCache {
  readonly #name: string;
  readonly #binding: () => CacheBinding | undefined;

  constructor(name: string, binding: () => CacheBinding | undefined) {
    this.#name = name;
    this.#binding = binding;
  }

  async match(input: RequestInfo | URL, options?: CacheQueryOptions): Promise<Response | undefined> {
    const found = await this.#host().match(this.#name, requestOf(input), options);
    return found ?? undefined;
  }

  async put(input: RequestInfo | URL, response: Response): Promise<void> {
    await this.#host().keep(this.#name, requestOf(input), response);
  }

  async delete(input: RequestInfo | URL, options?: CacheQueryOptions): Promise<boolean> {
    return this.#host().remove(this.#name, requestOf(input), options);
  }

  #host(): CacheBinding {
    const binding = this.#binding();
    if (binding === undefined) throw new Error('The Cache API is there for handlers, not for top-level code.');
    return binding;
  }
}

/** A request without its body, which no cache looks at. */
function requestOf(input: RequestInfo | URL): Request {
  if (!(input instanceof Request)) return new Request(input);
  return new Request(input.url, { method: input.method, headers: input.headers });
}
