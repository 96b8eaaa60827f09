import type { OwnExport } from '../calls/exports.ts';
import { createAnswering, type Run } from '../calls/http.ts';
import { JSON_NOTATION, VALUE_NOTATION } from '../calls/leaves.ts';
import { methodArgs, methodsOf } from '../calls/methods.ts';
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

/** What another function calls by RPC, with an object of parameters. */
export type OwnMethod = (parameters: unknown, env: Env, ctx: Context) => Promise<unknown>;

/** Answers requests to a component's own functions. */
export function answerOwnCalls(plan: Plan, own: readonly OwnExport[], { poolFor, concurrent }: OwnCallsOptions) {
  const answering = createAnswering(ownCalls(plan, own, JSON_NOTATION));
  return (request: Request, env: Env, ctx: Context): Promise<Response> => {
    const run: Run = (exported, args) =>
      serveCall(poolFor(env), { exported, args, concurrent, invocation: new Invocation(request, env, ctx) });
    return answering(request, run);
  };
}

/** The same functions as methods of an entrypoint that is a plain object. */
export function ownMethods(
  plan: Plan,
  own: readonly OwnExport[],
  { poolFor, concurrent }: OwnCallsOptions,
): Readonly<Record<string, OwnMethod>> {
  const methods = [...methodsOf(ownCalls(plan, own, VALUE_NOTATION))].map(([name, call]): [string, OwnMethod] => [
    name,
    async (parameters, env, ctx) => {
      const args = methodArgs(call, parameters);
      return call.written(await serveCall(poolFor(env), { exported: call, args, concurrent, invocation: new Invocation(null, env, ctx) }));
    },
  ]);
  return Object.fromEntries(methods);
}
