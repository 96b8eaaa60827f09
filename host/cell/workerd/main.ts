import { env as importable, WorkerEntrypoint } from 'cloudflare:workers';
import { AsyncLocalStorage } from 'node:async_hooks';
import { captureConsole } from '../console.ts';
import { Context } from '../context.ts';
import { Batch } from '../../bindings/queues/batch.ts';
import { createEgress, type Egress } from '../egress.ts';
import { callBy } from '../../bindings/clients.ts';
import { incomingEmail } from '../email.ts';
import { scheduledController } from '../scheduled.ts';
import { entrypointsOf, failureCodeOf, type EventName, type Handlers, type Rpc } from '../handlers.ts';
import { bridgedCaches } from './caches.ts';
import { putBindings, transportOf } from './bindings.ts';
import { CellRunning, Lines } from './lines.ts';
import { LogBudget } from '../log-budget.ts';
import { DEFAULT_LIMITS, type Limits } from '../limits.ts';
import { countSubrequest, limitedFetch } from '../outgoing.ts';
import { tracedFetch } from './outgoing.ts';
import { CACHE_BINDING, failureError, failureOf, LIMITS, LOG_BINDING, OPEN, readCall } from './protocol.ts';
import type {
  CacheBinding,
  CalledAs,
  CellProps,
  EmailOrder,
  EmailResult,
  Failure,
  LogBinding,
  QueueOrder,
  QueueResult,
  ScheduledResult,
} from './protocol.ts';
import { putServices, withServices } from './services.ts';
import { reportingTimer } from './timers.ts';
import type { HandlerName, ScheduledEvent } from '../../dispatch/cell.ts';

/**
 * The main module of every isolate that the loader makes. It runs before the author's modules, which it imports
 * last: so they find `console`, `fetch` and `caches` as they are to be, and nothing of the host's in `env`.
 */
// A function may change it.
const { now } = Date;
const storage = new AsyncLocalStorage<CellRunning>();
const budget = new LogBudget({
  limits: () => limits,
  now,
  later: (tell) => storage.getStore()!.context.waitUntil(new Promise<void>((resolve) => later(() => resolve(tell()), 1_000))),
  write: (message) => lines.write('warn', message, null),
});
const lines = new Lines(storage, budget);
let cache: CacheBinding | undefined;
let egress: Egress | undefined;
let hidden = false;
let limits = DEFAULT_LIMITS;
const limitsNow = () => limits;
const count = () => countSubrequest(storage.getStore(), limits);
const DIRECT: CalledAs = { entrypoint: null, props: {} };
const NativeResponse = Response;
const { setTimeout: later, clearTimeout: noLonger } = globalThis;

takeHidden(importable);
captureConsole(console, storage, { write: lines.write, budget });
const outgoing = limitedFetch(tracedFetch(fetch, { running: () => storage.getStore(), egress: () => egress }), storage, limitsNow);
// That of the prototype would do without what ours is held to.
for (
  let each: object | null = Object.getPrototypeOf(globalThis) as object;
  each !== null;
  each = Object.getPrototypeOf(each) as object | null
)
  if (Object.hasOwn(each, 'fetch')) Object.defineProperty(each, 'fetch', { value: outgoing, configurable: true, writable: true });
globalThis.fetch = outgoing;
Object.defineProperty(globalThis, 'caches', {
  value: bridgedCaches(() => {
    count();
    return cache;
  }),
  configurable: true,
  writable: true,
});
addEventListener('unhandledrejection', (event) => lines.exception(event.reason));
for (const name of ['setTimeout', 'setInterval'] as const) {
  Object.defineProperty(globalThis, name, {
    value: reportingTimer(globalThis[name] as never, (error) => lines.exception(error)),
    configurable: true,
    writable: true,
  });
}

const entrypoints = entrypointsOf(await import('brink:main'));

type WaitUntil = (promise: Promise<unknown>) => void;

export default class Cell extends WorkerEntrypoint<Record<string, unknown>, CellProps> {
  override async fetch(request: Request): Promise<Response> {
    let response: unknown;
    try {
      response = await this.#handle('fetch', request, (promise) => this.ctx.waitUntil(promise));
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
      await this.#handle('scheduled', controller, (promise) => {
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
    const subject = new Batch(batch, (index, code) => void said.push(index, code));
    const failure = await this.#inTime('queue', subject, deadline);
    return { said: [...said], failure };
  }

  async brinkEmail({ deadline, ...event }: EmailOrder): Promise<EmailResult> {
    const { mail } = this.ctx.props;
    let incoming: ReturnType<typeof incomingEmail>;
    try {
      incoming = incomingEmail(event, callBy(transportOf('The message', mail, count)));
    } catch (error) {
      return { failure: thrownBy(error) };
    }
    const failure = await this.#inTime('email', incoming.message, deadline);
    return failure === null ? { rejected: incoming.rejected() } : { failure };
  }

  /** Waits for a handler and for its `waitUntil` work; what fails in either is its failure. */
  async #inTime(event: EventName, subject: unknown, deadline: number): Promise<Failure | 'late' | null> {
    const open: Promise<unknown>[] = [];
    let failure: Failure | null = null;
    const failed = (error: unknown) => {
      if (failure === null) failure = thrownBy(error);
      else lines.exception(error);
    };
    const waitUntil: WaitUntil = (promise) => {
      open.push(promise);
      this.ctx.waitUntil(promise);
    };
    const ended = async () => {
      await (async () => this.#handle(event, subject, waitUntil, failed))().catch(failed);
      for (let next = open.shift(); next !== undefined; next = open.shift()) await next;
    };
    let timer: ReturnType<typeof later> | undefined;
    const late = new Promise<'late'>((resolve) => (timer = later(() => resolve('late'), deadline)));
    const outcome = await Promise.race([ended(), late]);
    noLonger(timer);
    return outcome ?? failure;
  }

  /** A method that another function calls; what it is given and gives, the runtime carries. */
  async brinkRpc(rpc: Rpc): Promise<unknown> {
    try {
      return await this.#run(
        (handlers, env, context) => handlers.rpc(rpc, env, context),
        (promise) => this.ctx.waitUntil(promise),
      );
    } catch (error) {
      throw failureError(thrownBy(error));
    }
  }

  brinkNames(): readonly HandlerName[] {
    return entrypoints.names;
  }

  #handle(event: EventName, subject: unknown, waitUntil: WaitUntil, failed?: (error: unknown) => void): unknown {
    const call = (handlers: Handlers, env: unknown, context: Context) => {
      if (event === 'fetch') storage.getStore()!.request = subject as Request;
      return handlers.call(event, subject, env, context);
    };
    return this.#run(call, waitUntil, failed);
  }

  #run(
    body: (handlers: Handlers, env: unknown, context: Context) => unknown,
    waitUntil: WaitUntil,
    failed: (error: unknown) => void = (error) => lines.exception(error),
  ): unknown {
    const { ctx } = this;
    if (!hidden) takeHidden(this.env);
    lines.takeLoose(ctx);
    const { traceparent, function: name, version, alias, clientAddress, principal, url, left } = readCall(ctx.props);
    const running = new CellRunning(traceparent, ctx);
    const { requestId } = running;
    const deadline = left === null ? null : now() + left;
    const brink = { requestId, traceparent, function: name, version, alias, clientAddress, principal, url, deadline };
    const { service, services } = ctx.props;
    const { entrypoint, props } = service === undefined ? DIRECT : (JSON.parse(service) as CalledAs);
    const context = new Context(brink, {
      waitUntil: (promise) => waitUntil(promise.catch(failed)),
      props,
    });
    running.services = services;
    const env = services === undefined ? this.env : withServices(this.env, services, count);
    return storage.run(running, () => body(entrypoints.of(entrypoint), env, context));
  }
}

/** `env` of a Worker is one object, so what is taken here the author's code never sees. */
function takeHidden(env: Record<string, unknown>): void {
  limits = { ...limits, ...(env[LIMITS] as Partial<Limits> | undefined) };
  delete env[LIMITS];
  putBindings(env, count);
  putServices(env, storage, count);
  const open = env[OPEN] as readonly string[] | undefined;
  if (open !== undefined) egress = createEgress({ outbound: null, open });
  delete env[OPEN];
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
