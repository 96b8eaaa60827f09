import type { ForwardableEmailMessage } from '../../../sdk/email.ts';
import type { ScheduledController } from '../../../sdk/handler.ts';
import type { MessageBatch } from '../../../sdk/queue.ts';
import type { ComponentInvocation } from '../host.ts';
import { GuestEmail } from '../brink/email/message.ts';
import type { MessagingError } from '../brink/queues/messaging.ts';
import type { Plan } from '../plan.ts';
import { Instance } from '../runtime/instance.ts';
import { hostsFor } from '../wasi/hosts.ts';
import { NO_SETTINGS, type HostSettings } from '../wasi/settings.ts';
import { eventEnded, queueBatch, scheduledEnded, scheduledEvent, type ScheduledError } from './events.ts';
import { exportsOf, takesMessages, type ComponentExports, type ExportedHandler } from './generation.ts';
import { Invocation, type Context } from './invocation.ts';
import { deliverMessages } from './messages.ts';
import { answerOwnCalls } from './own-calls.ts';
import { InstancePool } from './pool.ts';
import { serveEvent } from './serve-event.ts';
import { serveHandler } from './serve-0.3.ts';
import { serveIncomingHandler } from './serve-0.2.ts';
import type { ServeSettings } from './settings.ts';

/** Handles that one component of an instance may have at once, beside what the config allows it to keep: each is memory of the host's. */
const MOST_HANDLES = 100_000;

const STACK_FRAMES = 50;

type Env = Readonly<Record<string, unknown>>;

/** The handlers of a component, as a module that exports them by default: those that the component exports. */
export interface ComponentHandlers {
  fetch?(request: Request, env: Env, ctx: Context): Response | Promise<Response>;
  scheduled?(controller: ScheduledController, env: Env, ctx: Context): Promise<void>;
  queue?(batch: MessageBatch, env: Env, ctx: Context): Promise<void>;
  email?(message: ForwardableEmailMessage, env: Env, ctx: Context): Promise<void>;
}

/**
 * Makes handlers of a component's plan and core modules. Instances are made when the first call comes.
 *
 * @param assets the files that it finds under `/`, by their paths below it
 * @throws {BrinkError} component-unsupported where it exports nothing to call
 */
export function serveComponent(
  plan: Plan,
  modules: readonly WebAssembly.Module[],
  given: ServeSettings,
  assets: readonly (readonly [path: string, bytes: ArrayBuffer])[] = [],
): ComponentHandlers {
  // V8 keeps ten frames, which those of a panic fill alone.
  (Error as { stackTraceLimit?: number }).stackTraceLimit = STACK_FRAMES;
  const exported = exportsOf(plan);
  const settings = { ...given, maxConcurrent: concurrency(exported, given) };
  const resets = plan.modules.every(({ fixed }) => fixed === null);
  let pool: InstancePool | null = null;
  const poolFor = (env: Env) =>
    (pool ??= new InstancePool(instances(plan, modules, settings, hostSettings(env, assets)), settings, resets));
  const { fetch, scheduled, queue, email } = exported.handlers;
  const event = <E>(exported: ExportedHandler, arg: unknown, env: Env, ctx: Context) =>
    serveEvent<E>(poolFor(env), { exported, arg, concurrent: settings.maxConcurrent }, new Invocation(null, env, ctx));
  return {
    ...(exported.own.length > 0 && answerOwnCalls(plan, exported.own, { poolFor, concurrent: settings.maxConcurrent })),
    ...(fetch && { fetch: (request, env, ctx) => serve(fetch, poolFor(env), request, new Invocation(request, env, ctx), settings) }),
    ...(scheduled && {
      scheduled: async (controller, env, ctx) =>
        scheduledEnded(await event<ScheduledError>(scheduled, scheduledEvent(controller), env, ctx), controller),
    }),
    ...(queue && {
      async queue(batch, env, ctx) {
        if (takesMessages(queue)) return deliverMessages(batch, (message) => event<MessagingError>(queue, message, env, ctx));
        return eventEnded(await event<string>(queue, queueBatch(batch), env, ctx));
      },
    }),
    ...(email && {
      async email(message, env, ctx) {
        const raw = new Uint8Array(await new Response(message.raw).arrayBuffer());
        return eventEnded(await event<string>(email, new GuestEmail(message, raw), env, ctx));
      },
    }),
  };
}

function serve(
  exported: ExportedHandler,
  pool: InstancePool,
  request: Request,
  invocation: ComponentInvocation,
  settings: ServeSettings,
): Response | Promise<Response> {
  switch (exported.version) {
    case '0.2':
      return serveIncomingHandler(pool, exported, request, invocation);
    case '0.3':
      return serveHandler(pool, { exported, request, invocation, concurrent: settings.maxConcurrent });
  }
}

/** How many calls one instance serves at a time. Handlers of 0.2 are never entered twice, whatever calls it meanwhile. */
function concurrency({ handlers, own }: ComponentExports, { isolation, maxConcurrent }: ServeSettings): number {
  if (isolation === 'request') return 1;
  const versions = Object.values(handlers).map(({ version }) => version);
  // Its own functions say nothing of a version, but those that are `async` are of no earlier one than 0.3.
  const isOf03 = versions.includes('0.3') || own.every(({ signature }) => signature.async);
  return versions.includes('0.2') || !isOf03 ? 1 : maxConcurrent;
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
