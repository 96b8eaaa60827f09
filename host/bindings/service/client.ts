/** What carries the calls of one service binding to the host. */
export interface ServicePort {
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  /** The result of a method: to be awaited, or gone on with (`env.OTHER.counter().increment()`). */
  call(method: string, args: unknown[]): RpcResult;
  /** The value of a property, likewise. */
  get(property: string): RpcResult;
}

export type RpcResult = PromiseLike<unknown> & Readonly<Record<string, unknown>>;

/** https://developers.cloudflare.com/workers/runtime-apis/bindings/service-bindings/ */
class Fetcher {
  get [Symbol.toStringTag](): string {
    return 'Fetcher';
  }

  connect(): never {
    throw new Error('Sockets by way of a service binding are not built yet.');
  }
}

/** A service binding, as a function sees it: `fetch`, and a method for each name that is no one else's. */
export function createService(port: ServicePort): object {
  const target = Object.assign(new Fetcher(), {
    fetch: (input: RequestInfo | URL, init?: RequestInit) => port.fetch(input, init),
  });
  return new Proxy(target, {
    get(own, key, receiver) {
      if (typeof key === 'symbol' || key in own || isThenable(key)) return Reflect.get(own, key, receiver) as unknown;
      return methodOf(port, key);
    },
    ownKeys: () => [],
    set: () => false,
    defineProperty: () => false,
    setPrototypeOf: () => false,
  });
}

/** It is called, or awaited as a property, or leads on to what is in that. */
function methodOf(port: ServicePort, name: string): unknown {
  return new Proxy(nothing, {
    apply: (_own, _this, args: unknown[]) => port.call(name, args),
    get(_own, key) {
      if (typeof key === 'symbol') return undefined;
      const value = port.get(name);
      const part = value[key];
      return isThenable(key) && typeof part === 'function' ? (part as (...args: unknown[]) => unknown).bind(value) : part;
    },
  });
}

/** A binding is no promise, so that an async function can return it. */
function isThenable(key: string): boolean {
  return key === 'then' || key === 'catch' || key === 'finally';
}

function nothing(): void {}
