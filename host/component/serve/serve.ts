import type { ScheduledController } from '../../../sdk/handler.ts';
import type { MessageBatch } from '../../../sdk/queue.ts';
import type { ComponentInvocation } from '../host.ts';
import type { Plan } from '../plan.ts';
import { Instance } from '../runtime/instance.ts';
import { hostsFor } from '../wasi/hosts.ts';
import { NO_SETTINGS, type HostSettings } from '../wasi/settings.ts';
import { queueBatch, queueEnded, scheduledEnded, scheduledEvent, type ScheduledError } from './events.ts';
import { handlersOf, type Exported, type HandlerExports } from './generation.ts';
import { Invocation, type Context } from './invocation.ts';
import { InstancePool } from './pool.ts';
import { serveEvent } from './serve-event.ts';
import { serveHandler } from './serve-0.3.ts';
import { serveIncomingHandler } from './serve-0.2.ts';
import type { ServeSettings } from './settings.ts';

type Env = Readonly<Record<string, unknown>>;

/** The handlers of a component, as a module that exports them by default: those that the component exports. */
export interface ComponentHandlers {
  fetch?(request: Request, env: Env, ctx: Context): Response | Promise<Response>;
  scheduled?(controller: ScheduledController, env: Env, ctx: Context): Promise<void>;
  queue?(batch: MessageBatch, env: Env, ctx: Context): Promise<void>;
}

/**
 * Makes handlers of a component's plan and core modules. Instances are made when the first call comes.
 *
 * @throws {BrinkError} component-unsupported where it exports none
 */
export function serveComponent(plan: Plan, modules: readonly WebAssembly.Module[], given: ServeSettings): ComponentHandlers {
  const exported = handlersOf(plan);
  const settings = { ...given, maxConcurrent: concurrency(exported, given) };
  const resets = plan.modules.every(({ fixed }) => fixed === null);
  let pool: InstancePool | null = null;
  const poolFor = (env: Env) => (pool ??= new InstancePool(instances(plan, modules, settings, env), settings, resets));
  const { fetch, scheduled, queue } = exported;
  const event = <E>(handler: Exported, arg: unknown, env: Env, ctx: Context) =>
    serveEvent<E>(poolFor(env), { interface: handler.interface, arg, concurrent: settings.maxConcurrent }, new Invocation(null, env, ctx));
  return {
    ...(fetch && { fetch: (request, env, ctx) => serve(fetch, poolFor(env), request, new Invocation(request, env, ctx), settings) }),
    ...(scheduled && {
      scheduled: async (controller, env, ctx) =>
        scheduledEnded(await event<ScheduledError>(scheduled, scheduledEvent(controller), env, ctx), controller),
    }),
    ...(queue && { queue: async (batch, env, ctx) => queueEnded(await event<string>(queue, queueBatch(batch), env, ctx)) }),
  };
}

function serve(
  exported: Exported,
  pool: InstancePool,
  request: Request,
  invocation: ComponentInvocation,
  settings: ServeSettings,
): Response | Promise<Response> {
  switch (exported.version) {
    case '0.2':
      return serveIncomingHandler(pool, exported.interface, request, invocation);
    case '0.3':
      return serveHandler(pool, exported.interface, request, invocation, settings);
  }
}

/** How many calls one instance serves at a time. Handlers of 0.2 are never entered twice, whatever calls it meanwhile. */
function concurrency(exported: HandlerExports, { isolation, maxConcurrent }: ServeSettings): number {
  if (isolation === 'request') return 1;
  return Object.values(exported).some(({ version }) => version === '0.2') ? 1 : maxConcurrent;
}

function instances(plan: Plan, modules: readonly WebAssembly.Module[], { maxPages }: ServeSettings, env: Env): () => Instance {
  const settings: HostSettings = { ...NO_SETTINGS, vars: stringsOf(env) };
  return () => new Instance(plan, modules, (world) => hostsFor(plan, world, settings), { maxPages });
}

/** A function's vars, of which WASI knows strings only. */
function stringsOf(env: Env): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
