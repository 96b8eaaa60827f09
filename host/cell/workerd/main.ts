import { env as importable, WorkerEntrypoint } from 'cloudflare:workers';
import { AsyncLocalStorage } from 'node:async_hooks';
import { captureConsole } from '../console.ts';
import { Context } from '../context.ts';
import { failureCodeOf, handlersOf } from '../handlers.ts';
import { Batch } from '../../bindings/queues/batch.ts';
import { scheduledController } from '../scheduled.ts';
import { bridgedCaches } from './caches.ts';
import { putBindings } from './bindings.ts';
import { CellRunning, Lines } from './lines.ts';
import { tracedFetch } from './outgoing.ts';
import { CACHE_BINDING, failureError, failureOf, LOG_BINDING, readCall } from './protocol.ts';
import type { CacheBinding, CellProps, Failure, LogBinding, QueueOrder, QueueResult, ScheduledResult } from './protocol.ts';
import { reportingTimer } from './timers.ts';
import type { HandlerName, ScheduledEvent } from '../../dispatch/cell.ts';

/**
 * The main module of every isolate that the loader makes. It runs before the author's modules, which it imports
 * last: so they find `console`, `fetch` and `caches` as they are to be, and nothing of the host's in `env`.
 */
const storage = new AsyncLocalStorage<CellRunning>();
const lines = new Lines(storage);
let cache: CacheBinding | undefined;
let hidden = false;
const NativeResponse = Response;
const { setTimeout: later, clearTimeout: noLonger } = globalThis;

takeHidden(importable);
captureConsole(console, storage, lines.write);
globalThis.fetch = tracedFetch(fetch, () => storage.getStore());
Object.defineProperty(globalThis, 'caches', { value: bridgedCaches(() => cache), configurable: true, writable: true });
addEventListener('unhandledrejection', (event) => lines.exception(event.reason));
for (const name of ['setTimeout', 'setInterval'] as const) {
  Object.defineProperty(globalThis, name, {
    value: reportingTimer(globalThis[name] as never, (error) => lines.exception(error)),
    configurable: true,
    writable: true,
  });
}

const main = (await import('brink:main')) as { default?: unknown };
const handlers = handlersOf(main.default);

export default class Cell extends WorkerEntrypoint<Record<string, unknown>, CellProps> {
  override async fetch(request: Request): Promise<Response> {
    let response: unknown;
    try {
      response = await this.#run('fetch', request, (promise) => this.ctx.waitUntil(promise));
    } catch (error) {
      throw failureError(thrownBy(error));
    }
    const problem =
      response instanceof NativeResponse
        ? unusable(response)
        : `returned ${response === undefined ? 'nothing' : `something that is no Response (${typeof response})`}`;
    if (problem !== null)
      throw failureError(
        failureOf('response-invalid', new TypeError(`The fetch handler ${problem}. It must return a Response that nobody has read.`)),
      );
    return response as Response;
  }

  async brinkScheduled(event: ScheduledEvent): Promise<ScheduledResult> {
    const open: Promise<unknown>[] = [];
    const { controller, noRetry } = scheduledController(event);
    try {
      await this.#run('scheduled', controller, (promise) => {
        open.push(promise);
        this.ctx.waitUntil(promise);
      });
    } catch (error) {
      return { failure: thrownBy(error) };
    }
    // Work that begins while this waits is waited for too.
    for (let next = open.shift(); next !== undefined; next = open.shift()) await next;
    return { noRetry: noRetry() };
  }

  async brinkQueue({ deadline, ...batch }: QueueOrder): Promise<QueueResult> {
    const said: number[] = [];
    const open: Promise<unknown>[] = [];
    let failure: Failure | null = null;
    const failed = (error: unknown) => {
      if (failure === null) failure = thrownBy(error);
      else lines.exception(error);
    };
    const handled = async () =>
      this.#run(
        'queue',
        new Batch(batch, (index, code) => void said.push(index, code)),
        (promise) => {
          open.push(promise);
          this.ctx.waitUntil(promise);
        },
        failed,
      );
    const ended = async () => {
      await handled().catch(failed);
      for (let next = open.shift(); next !== undefined; next = open.shift()) await next;
    };
    let timer: ReturnType<typeof later> | undefined;
    const late = new Promise<'late'>((resolve) => (timer = later(() => resolve('late'), deadline)));
    const outcome = await Promise.race([ended(), late]);
    noLonger(timer);
    return { said: [...said], failure: outcome ?? failure };
  }

  brinkNames(): readonly HandlerName[] {
    return handlers.names;
  }

  #run(
    handler: HandlerName,
    subject: unknown,
    waitUntil: (promise: Promise<unknown>) => void,
    failed: (error: unknown) => void = (error) => lines.exception(error),
  ): unknown {
    const { ctx, env } = this;
    if (!hidden) takeHidden(env);
    lines.takeLoose(ctx);
    const call = readCall(ctx.props);
    const running = new CellRunning(call.traceparent, ctx);
    const brink = { requestId: running.requestId, ...call };
    const context = new Context(brink, (promise) => waitUntil(promise.catch(failed)));
    return storage.run(running, () => handlers.call(handler, subject, env, context));
  }
}

/** `env` of a Worker is one object, so what is taken here the author's code never sees. */
function takeHidden(env: Record<string, unknown>): void {
  putBindings(env);
  if (!(LOG_BINDING in env)) return;
  hidden = true;
  lines.binding = env[LOG_BINDING] as LogBinding | undefined;
  cache = env[CACHE_BINDING] as CacheBinding | undefined;
  delete env[LOG_BINDING];
  delete env[CACHE_BINDING];
}

function thrownBy(error: unknown): Failure {
  return failureOf(failureCodeOf(error), error);
}

function unusable(response: Response): string | null {
  return response.bodyUsed ? 'returned a Response whose body has been read already' : null;
}
