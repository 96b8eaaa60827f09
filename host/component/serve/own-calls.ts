import type { OwnExport } from '../calls/exports.ts';
import { createAnswering, type Run } from '../calls/http.ts';
import { JSON_NOTATION } from '../calls/leaves.ts';
import { ownCalls } from '../calls/own-call.ts';
import type { Plan } from '../plan.ts';
import { Invocation, type Context } from './invocation.ts';
import type { InstancePool } from './pool.ts';
import { serveCall } from './serve-call.ts';

type Env = Readonly<Record<string, unknown>>;

export interface OwnCallsOptions {
  poolFor(env: Env): InstancePool;
  /** How many calls an instance may serve at the same time. */
  readonly concurrent: number;
}

/** What answers requests to a component's own functions. */
export interface OwnHandlers {
  fetch(request: Request, env: Env, ctx: Context): Promise<Response>;
}

export function answerOwnCalls(plan: Plan, own: readonly OwnExport[], { poolFor, concurrent }: OwnCallsOptions): OwnHandlers {
  const answering = createAnswering(ownCalls(plan, own, JSON_NOTATION));
  return {
    fetch(request, env, ctx) {
      const run: Run = (exported, args) =>
        serveCall(poolFor(env), { exported, args, concurrent, invocation: new Invocation(request, env, ctx) });
      return answering(request, run);
    },
  };
}
