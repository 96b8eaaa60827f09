import type { Plan } from '../plan.ts';
import { Instance } from '../runtime/instance.ts';
import { hostsFor } from '../wasi/hosts.ts';
import { NO_SETTINGS, type HostSettings } from '../wasi/settings.ts';
import { generationOf, type Generation } from './generation.ts';
import { invocationOf, type Context } from './invocation.ts';
import { InstancePool } from './pool.ts';
import { serveHandler } from './serve-0.3.ts';
import { serveIncomingHandler } from './serve-0.2.ts';
import type { ServeSettings } from './settings.ts';

/** Handles that one component of an instance may have at once, beside what the config allows it to keep: each is memory of the host's. */
const MOST_HANDLES = 100_000;

const STACK_FRAMES = 50;

type Env = Readonly<Record<string, unknown>>;

/** The handlers of a component, as a module that exports them by default. */
export interface ComponentHandlers {
  fetch(request: Request, env: Env, ctx: Context): Promise<Response>;
}

/**
 * Makes handlers of a component's plan and core modules. Instances are made when the first request comes.
 *
 * @param assets the files that it finds under `/`, by their paths below it
 */
export function serveComponent(
  plan: Plan,
  modules: readonly WebAssembly.Module[],
  settings: ServeSettings,
  assets: readonly (readonly [path: string, bytes: ArrayBuffer])[] = [],
): ComponentHandlers {
  // V8 keeps ten frames, which those of a panic fill alone.
  (Error as { stackTraceLimit?: number }).stackTraceLimit = STACK_FRAMES;
  const generation = generationOf(plan);
  const resets = plan.modules.every(({ fixed }) => fixed === null);
  let pool: InstancePool | null = null;
  return {
    fetch(request, env, ctx) {
      pool ??= new InstancePool(instances(plan, modules, settings, hostSettings(env, assets)), settings, resets);
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
): Promise<Response> {
  const invocation = invocationOf(request, env, ctx);
  switch (generation.version) {
    case '0.2':
      return serveIncomingHandler(pool, generation.interface, request, invocation);
    case '0.3':
      return serveHandler(pool, generation.interface, request, invocation, settings);
  }
}

function instances(
  plan: Plan,
  modules: readonly WebAssembly.Module[],
  { maxPages, maxHandles }: ServeSettings,
  settings: HostSettings,
): () => Instance {
  return () => new Instance(plan, modules, (world) => hostsFor(plan, world, settings), { maxPages, maxHandles: MOST_HANDLES + maxHandles });
}

function hostSettings(env: Env, assets: readonly (readonly [string, ArrayBuffer])[]): HostSettings {
  return { ...NO_SETTINGS, vars: stringsOf(env), assets: new Map(assets.map(([path, bytes]) => [path, new Uint8Array(bytes)])) };
}

/** A function's vars, of which WASI knows strings only. */
function stringsOf(env: Env): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
