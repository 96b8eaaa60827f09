import { createService, type RpcResult, type ServicePort } from '../../bindings/service/client.ts';
import { errorOfFailure } from '../../bindings/service/failure.ts';
import type { CellStorage } from './lines.ts';
import { readTold, SERVICES, type ServiceStub } from './protocol.ts';

/** The host's stubs for the services of one invocation, by the names of the bindings. */
export type ServiceStubs = Readonly<Record<string, ServiceStub>>;

/** Puts objects in place that go by the invocation that runs, for those who import `env`. */
export function putServices(env: Record<string, unknown>, storage: CellStorage, count: () => void): void {
  const names = (env[SERVICES] ?? []) as readonly string[];
  delete env[SERVICES];
  for (const name of names) env[name] = serviceOf(name, () => storage.getStore()?.services?.[name], count);
}

/** `env` for one invocation: its services need not ask whose they are, so they work in events of sockets and RPC targets too. */
export function withServices(env: Record<string, unknown>, stubs: ServiceStubs, count: () => void): Record<string, unknown> {
  const own = Object.entries(stubs).map(([name, stub]) => [name, serviceOf(name, () => stub, count)]);
  return { ...env, ...(Object.fromEntries(own) as Record<string, unknown>) };
}

function serviceOf(name: string, stubOf: () => ServiceStub | undefined, count: () => void): object {
  const stub = () => {
    const found = stubOf();
    if (found === undefined) throw new Error(`${name} is there for handlers, not for top-level code.`);
    count();
    return found;
  };
  const port: ServicePort = {
    async fetch(input, init) {
      try {
        return await stub().fetch(input, init);
      } catch (error) {
        throw plainly(error);
      }
    },
    call: (method, args) => told(stub().brinkCall('call', method, args)),
    get: (property) => told(stub().brinkCall('get', property, [])),
  };
  return createService(port);
}

/** The runtime's own promise of a result, which can be gone on with; errors come out of it as the callee threw them. */
function told(promise: RpcResult): RpcResult {
  return new Proxy(nothing, {
    get(_own, key) {
      if (key === 'then') return (...on: Parameters<PromiseLike<unknown>['then']>) => settled(promise).then(...on);
      if (key === 'catch') return (on: (error: unknown) => unknown) => settled(promise).catch(on);
      if (key === 'finally') return (on: () => void) => settled(promise).finally(on);
      const part = (promise as unknown as Record<PropertyKey, unknown>)[key];
      if (typeof key === 'symbol') return typeof part === 'function' ? (part as () => unknown).bind(promise) : part;
      return told(part as RpcResult);
    },
    apply: (_own, _this, args: unknown[]) => told(Reflect.apply(promise as never, undefined, args) as RpcResult),
  }) as unknown as RpcResult;
}

async function settled(promise: RpcResult): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    throw plainly(error);
  }
}

function plainly(error: unknown): unknown {
  const failure = error instanceof Error ? readTold(error.message) : null;
  return failure === null ? error : errorOfFailure(failure);
}

function nothing(): void {}
