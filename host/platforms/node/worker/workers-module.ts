import { RpcTarget } from './rpc/targets.ts';

/** Workers' base class of a handler that is a class. https://developers.cloudflare.com/workers/runtime-apis/bindings/service-bindings/rpc/ */
class WorkerEntrypoint {
  readonly ctx: unknown;
  readonly env: unknown;

  constructor(ctx: unknown, env: unknown) {
    this.ctx = ctx;
    this.env = env;
  }
}

class DurableObject extends WorkerEntrypoint {}
class WorkflowEntrypoint extends WorkerEntrypoint {}

/** The exports of `cloudflare:workers`: what is here can be imported; what needs a binding is refused at publish. */
export function workersModule(env: unknown, waitUntil: (promise: Promise<unknown>) => void): Readonly<Record<string, unknown>> {
  return { WorkerEntrypoint, DurableObject, WorkflowEntrypoint, RpcTarget, env, waitUntil };
}
