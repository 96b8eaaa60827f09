import { createService, type RpcResult, type ServicePort } from '../../host/bindings/service/client.ts';
import { errorOfFailure } from '../../host/bindings/service/failure.ts';
import type { ServiceSpec } from '../../host/bindings/service/target.ts';
import { RpcSession } from '../../host/platforms/node/worker/rpc/session.ts';
import { thrown } from '../../host/platforms/node/worker/thrown.ts';
import { withDuplex } from '../../host/platforms/node/light-request.ts';
import { ENDED, runningInvocation, type Invocation } from './invocation.ts';
import type { TestFunction } from './function.ts';
import { ServiceObject } from './service-object.ts';

/** What is called of a function, or of what stands in for one. */
export type Callee = Pick<TestFunction, 'fetch' | 'rpc'>;

export interface ServiceOptions {
  readonly spec: ServiceSpec;
  /** What it leads to; undefined where the test gave nothing. */
  readonly callee: Callee | undefined;
  readonly outside: Invocation;
}

/** https://fetch.spec.whatwg.org/#http-redirect-fetch */
const MAX_REDIRECTS = 20;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** A service binding, as a function sees it. */
export function createTestService(options: ServiceOptions): object {
  const { name, target } = options.spec;
  const callee = options.callee ?? nobody(name, target.function);
  const as = { entrypoint: target.entrypoint, props: target.props };
  const caller = () => {
    const invocation = runningInvocation() ?? options.outside;
    if (invocation.over) throw new Error(ENDED);
    return invocation;
  };
  const rpc = (kind: 'call' | 'get', method: string, args: unknown[]): RpcResult => {
    const invocation = caller();
    const near = new RpcSession();
    const result = near.callMain(args) as RpcResult;
    // Its arguments could not be sent.
    if (near.over) return result;
    const { promise: during, resolve: done } = Promise.withResolvers<void>();
    const far = new RpcSession({
      run: (given) => callee.rpc({ kind, method, args: given }, { as, during }),
      settled() {},
    });
    void near.listen(invocation.watch(far.outgoing));
    void far.listen(invocation.watch(near.outgoing)).then(done);
    return result;
  };
  const port: ServicePort = {
    async fetch(input, init) {
      caller();
      return followed(new Request(input, withDuplex(init)), (request) => callee.fetch(request, as).catch(rethrow));
    },
    call: (method, args) => rpc('call', method, args),
    get: (property) => rpc('get', property, []),
  };
  return createService(port);
}

/** What an object of the test does as another function. */
export function calleeOf(name: string, double: object): Callee {
  return new ServiceObject(name, double);
}

async function followed(first: Request, call: (request: Request) => Promise<Response>): Promise<Response> {
  let request = first;
  for (let redirects = 0; ; redirects++) {
    const { url, method, redirect, signal } = request;
    signal.throwIfAborted();
    const spare = redirect === 'follow' ? request.clone() : request;
    const response = await call(request);
    const location = REDIRECTS.has(response.status) && redirect !== 'manual' ? response.headers.get('location') : null;
    if (location === null) {
      if (spare !== request) spare.body?.cancel().catch(() => {});
      for (const [key, value] of [
        ['url', url],
        ['redirected', redirects > 0],
      ] as const)
        Object.defineProperty(response, key, { value, configurable: true });
      return response;
    }
    response.body?.cancel().catch(() => {});
    if (redirect === 'error') throw new TypeError(`The response redirects to ${location}, and redirect is "error".`);
    if (redirects === MAX_REDIRECTS) throw new TypeError(`More than ${MAX_REDIRECTS} redirects, the last to ${location}.`);
    const get = (response.status === 303 && method !== 'HEAD') || (response.status < 303 && method === 'POST');
    const next = new URL(location, url);
    request = get ? new Request(next, { headers: withoutContent(spare.headers), redirect, signal }) : new Request(next, spare);
  }
}

function withoutContent(headers: Headers): [string, string][] {
  return [...headers].filter(([name]) => !name.startsWith('content-'));
}

/** As it arrives from another function; the error itself is its cause. */
function rethrow(error: unknown): never {
  throw Object.assign(errorOfFailure({ text: thrown(error).message }), { cause: error });
}

function nobody(binding: string, service: string): Callee {
  const refuse = () => {
    throw new TypeError(
      `env.${binding} leads to the function ${service}, for which this test has nothing. Give it something: createTestEnv({ services: { ${binding}: … } }).`,
    );
  };
  return { fetch: async () => refuse(), rpc: refuse };
}
