import type { ExecutionContext } from '../handler.ts';
import { RpcTarget as HostRpcTarget } from '../../host/platforms/node/worker/rpc/targets.ts';
import { workersModule } from '../../host/platforms/node/worker/workers-module.ts';
import { currentWorld, runningInvocation } from './invocation.ts';

/** `cloudflare:workers`, as a function finds it while it is tested. */
const env = new Proxy({} as Record<string, unknown>, {
  get: (_, name) => Reflect.get(currentWorld()?.env ?? {}, name) as unknown,
  has: (_, name) => Reflect.has(currentWorld()?.env ?? {}, name),
  ownKeys: () => Reflect.ownKeys(currentWorld()?.env ?? {}),
  getOwnPropertyDescriptor: (_, name) => Reflect.getOwnPropertyDescriptor(currentWorld()?.env ?? {}, name),
});

function waitUntil(promise: Promise<unknown>): void {
  (runningInvocation() ?? currentWorld()?.outside)?.keep(Promise.resolve(promise));
}

type EntrypointClass = new <Env = unknown>(ctx: ExecutionContext, env: Env) => { readonly ctx: ExecutionContext; readonly env: Env };

const { WorkerEntrypoint, DurableObject, WorkflowEntrypoint } = workersModule(env, waitUntil) as unknown as Readonly<
  Record<'WorkerEntrypoint' | 'DurableObject' | 'WorkflowEntrypoint', EntrypointClass>
>;
/** Its objects pass RPC by reference. */
const RpcTarget: new () => object = HostRpcTarget;

export { WorkerEntrypoint, DurableObject, WorkflowEntrypoint, RpcTarget, env, waitUntil };
