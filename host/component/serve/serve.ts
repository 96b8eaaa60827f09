import type { Plan } from '../plan.ts';
import { Instance } from '../runtime/instance.ts';
import { hostsFor } from '../wasi/hosts.ts';
import { NO_SETTINGS, type HostSettings } from '../wasi/settings.ts';
import { generationOf, type Generation } from './generation.ts';
import { RequestInvocation, type Context } from './invocation.ts';
import { InstancePool } from './pool.ts';
import { serveHandler } from './serve-0.3.ts';
import { serveIncomingHandler } from './serve-0.2.ts';
import type { ServeSettings } from './settings.ts';

type Env = Readonly<Record<string, unknown>>;

/** The handlers of a component, as a module that exports them by default. */
export interface ComponentHandlers {
  fetch(request: Request, env: Env, ctx: Context): Response | Promise<Response>;
}

/** Makes handlers of a component's plan and core modules. Instances are made when the first request comes. */
export function serveComponent(plan: Plan, modules: readonly WebAssembly.Module[], settings: ServeSettings): ComponentHandlers {
  const generation = generationOf(plan);
  const resets = plan.modules.every(({ fixed }) => fixed === null);
  let pool: InstancePool | null = null;
  return {
    fetch(request, env, ctx) {
      pool ??= new InstancePool(instances(plan, modules, settings, env), settings, resets);
      return serve(generation, pool, request, env, ctx, settings);
    },
  };
}

function serve(
  generation: Generation,
  pool: InstancePool,
  request: Request,
  env: Env,
  ctx: Context,
  settings: ServeSettings,
): Response | Promise<Response> {
  const invocation = new RequestInvocation(request, env, ctx);
  switch (generation.version) {
    case '0.2':
      return serveIncomingHandler(pool, generation.interface, request, invocation);
    case '0.3':
      return serveHandler(pool, generation.interface, request, invocation, settings);
  }
}

function instances(plan: Plan, modules: readonly WebAssembly.Module[], { maxPages }: ServeSettings, env: Env): () => Instance {
  const settings: HostSettings = { ...NO_SETTINGS, vars: stringsOf(env) };
  return () => new Instance(plan, modules, (world) => hostsFor(plan, world, settings), { maxPages });
}

/** A function's vars, of which WASI knows strings only. */
function stringsOf(env: Env): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
