import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout } from 'node:timers';
import { parentPort, workerData } from 'node:worker_threads';
import { callBy, createClients } from '../../../bindings/clients.ts';
import { captureConsole } from '../../../cell/console.ts';
import { entrypointsOf } from '../../../cell/handlers.ts';
import type { Running } from '../../../cell/invocation.ts';
import { DEFAULT_LIMITS } from '../../../cell/limits.ts';
import { LogBudget } from '../../../cell/log-budget.ts';
import type { ConsoleLevel } from '../../../observe/events.ts';
import { CACHES, FrameQueue, type FromCell, type ToCell } from '../frames.ts';
import { createCaches } from './caches.ts';
import { Calls } from './calls.ts';
import { installClock } from './clock.ts';
import { limitCodeGeneration } from './code-generation.ts';
import { MODULE_SCHEME, type BlankData, type CellData } from './data.ts';
import { createGlobalEvents, PromiseRejectionEvent } from './events.ts';
import { hidePort } from './hidden-port.ts';
import { installGlobals } from './globals.ts';
import { Invocations } from './invocations.ts';
import { installLoader } from './loader.ts';
import { createServices } from './services.ts';
import { thrown } from './thrown.ts';
import { workersModule } from './workers-module.ts';

/**
 * The inside of a cell. It starts without a function, and waits for one: what is the same for all of them is loaded by
 * then. The first message brings the artifact, whose main module it loads; then it runs what the main thread asks for.
 */
const port = parentPort!;
hidePort(port);
const { ahead } = workerData as BlankData;
const storage = new AsyncLocalStorage<Running>();
const out = new FrameQueue<FromCell>(port);
const collect = takeCollect();

// Before anything keeps `Date.now`.
if (ahead) installClock(ahead);
// A function may change it.
const { now } = Date;
const write = (level: ConsoleLevel, message: string, requestId: string | null) => out.send(['console', level, message, requestId]);
let limits = DEFAULT_LIMITS;
const budget = new LogBudget({
  limits: () => limits,
  now: () => performance.now(),
  later: (tell) => void setTimeout(tell, 1_000).unref(),
  write: (message) => write('warn', message, null),
});
captureConsole(console, storage, { write, budget });
const report = (error: unknown, running = storage.getStore()) => {
  if (budget.admits(running)) out.send(['exception', thrown(error), running?.requestId ?? null]);
};
const events = createGlobalEvents();
process.on('unhandledRejection', (reason, promise) => {
  if (events.dispatch(new PromiseRejectionEvent('unhandledrejection', { promise, reason, cancelable: true }))) report(reason);
});
process.on('uncaughtException', (error) => report(error));

let loading = false;
let invocations: Invocations | undefined;
// From the start, since a thread that listens to nothing ends; frames come once it has said that it is ready.
port.on('message', (message: CellData | readonly ToCell[]) => {
  if (loading) for (const frame of message as readonly ToCell[]) invocations?.receive(frame);
  else load(message as CellData).catch((error: unknown) => out.send(['start-failed', thrown(error)]));
});

async function load(data: CellData): Promise<void> {
  loading = true;
  ({ limits } = data);
  const calls = new Calls(storage, out, data.limits);
  const clients = createClients(data.bindings, { transportOf: (name) => calls.of(name) });
  const env = { ...data.vars, ...clients, ...createServices(data.services, calls) };
  const codeGeneration = limitCodeGeneration(data.evalAtStart);
  const nodeProcess = installGlobals(data, { storage, events, caches: createCaches(callBy(calls.of(CACHES, 'The Cache API'))) });
  installLoader({
    modules: data.modules,
    nodejsCompat: data.nodejsCompat,
    nodejsAls: data.nodejsAls,
    hostModules: {
      'cloudflare:workers': workersModule(env, (promise) => storage.getStore()?.waitUntil?.(promise)),
      ...(data.nodejsCompat && { 'node:process': { default: nodeProcess, ...nodeProcess } }),
    },
  });
  const entrypoints = entrypointsOf((await import(MODULE_SCHEME + data.mainModule)) as Record<string, unknown>);
  codeGeneration.end();
  invocations = new Invocations({ entrypoints, env, data, storage, out, calls, collect, report, now });
  out.send(['ready', entrypoints.names]);
}

/** `gc` as heap.ts has it put there: none of the function's. */
function takeCollect(): () => void {
  const { gc } = globalThis;
  // V8 lets nobody delete it.
  globalThis.gc = undefined;
  return () => gc?.();
}
