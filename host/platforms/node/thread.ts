import type { Worker } from 'node:worker_threads';
import type { TransformFailure } from 'esbuild';
import { bindingsOf } from '../../bindings/kinds.ts';
import { limitsOf } from '../../cell/limits.ts';
import type { HandlerName } from '../../dispatch/cell.ts';
import { BrinkError } from '../../errors.ts';
import { mapStack } from '../../observe/stack.ts';
import type { Artifact } from '../../registry/artifact.ts';
import type { ShadowOutbound } from '../../registry/shadow-record.ts';
import { isFromCell } from './frame-check.ts';
import { FrameQueue, type FromCell, type ThrownError, type ToCell } from './frames.ts';
import type { NetworkOptions } from '../running.ts';
import type { WatchedVitals } from './watch.ts';
import type { CellData, CellModule } from './worker/data.ts';

/** A thread that starts is looked at this often, in ms. */
const LOOK = 100;
const MB = 2 ** 20;

export interface ThreadOptions {
  /** One that waits for an artifact (`startBlank`), and has the memory that the manifest says. */
  readonly worker: Worker;
  readonly artifact: Artifact;
  /** Of a WebAssembly module of it. @throws {BrinkError} `startup-failed` */
  readonly compile: (name: string, bytes: Uint8Array<ArrayBuffer>, most: number) => Promise<WebAssembly.Module>;
  /** Beside the vars in `env`. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly version: number;
  /** What it may call where it is a shadow. */
  readonly shadow?: ShadowOutbound | undefined;
  /** Ms until the main module must have been evaluated. */
  readonly startupTimeout: number;
  readonly network?: NetworkOptions | undefined;
  /** As in `NodeCellOptions`. */
  readonly cpu?: ((total: number) => void) | undefined;
  readonly receive: (frame: FromCell) => void;
  /** The thread has ended by itself; `reason` says why. */
  readonly ended: (reason: string, code: 'cell-crashed' | 'memory-exceeded') => void;
}

/** A worker thread that has loaded an artifact. */
export interface Thread {
  readonly handlers: readonly HandlerName[];
  readonly out: FrameQueue<ToCell>;
  readonly vitals: WatchedVitals;
  terminate(): Promise<void>;
}

/** @throws {BrinkError} `startup-failed`, `startup-timeout` */
export async function startThread(options: ThreadOptions): Promise<Thread> {
  const { worker, artifact, startupTimeout, receive, cpu } = options;
  const { memory_mb: memory } = limitsOf(artifact.manifest);
  const out = new FrameQueue<ToCell>(worker);
  const vitals = vitalsOf(worker, out);
  const started = Promise.withResolvers<readonly HandlerName[]>();
  // Nobody waits for it where what the thread is to load cannot be made.
  started.promise.catch(() => {});
  let running = false;
  let reason = 'its thread exited';
  let code: 'cell-crashed' | 'memory-exceeded' = 'cell-crashed';
  const failed = (code: 'startup-failed' | 'startup-timeout', message: string, details?: Record<string, unknown>) =>
    started.reject(new BrinkError(code, message, { ...(details && { details }) }));
  const timer = setTimeout(() => {
    failed(
      'startup-timeout',
      `${artifact.manifest.name} did not start in ${startupTimeout} ms: the top level of a module runs on, or awaits what never comes.`,
    );
  }, startupTimeout);
  const looking = setInterval(() => {
    vitals.memory().then(
      ({ heap, buffers }) => {
        if (Math.max(heap, buffers) > memory * MB)
          failed('startup-failed', `${artifact.manifest.name} did not start: it has more than the ${memory} MB of limits.memory_mb.`);
      },
      () => {},
    );
    if (cpu !== undefined) vitals.cpu().then(cpu, () => {});
  }, LOOK);

  const receiveOne = (frame: FromCell) => {
    if (frame[0] === 'ready') started.resolve(frame[1] as readonly HandlerName[]);
    else if (frame[0] === 'start-failed') void describe(artifact, frame[1]).then((described) => failed('startup-failed', ...described));
    else receive(frame);
  };
  worker.on('message', (frames: unknown) => {
    try {
      for (const frame of frames as Iterable<unknown>) {
        if (!isFromCell(frame)) throw new TypeError('no such message');
        receiveOne(frame);
      }
    } catch (error) {
      reason = `it sent what no cell sends (${error instanceof Error ? error.message : String(error)})`;
      void worker.terminate();
    }
  });
  worker.on('error', (error: Error & { code?: string }) => {
    const full = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    if (full) code = 'memory-exceeded';
    reason = full ? `its cell used more than the ${memory} MB of heap of limits.memory_mb` : error.message;
  });
  worker.on('exit', () => {
    failed('startup-failed', `${artifact.manifest.name} did not start: ${reason}.`);
    if (running) options.ended(reason, code);
  });

  try {
    worker.postMessage(await dataOf(options));
    const handlers = await started.promise;
    running = true;
    return {
      handlers,
      out,
      vitals,
      async terminate() {
        running = false;
        await worker.terminate();
      },
    };
  } catch (error) {
    await worker.terminate();
    throw error;
  } finally {
    clearTimeout(timer);
    clearInterval(looking);
  }
}

function vitalsOf(worker: Worker, out: FrameQueue<ToCell>): WatchedVitals {
  return {
    ping: () => out.send(['ping']),
    async cpu() {
      const { user, system } = await worker.cpuUsage();
      return (user + system) / 1000;
    },
    idle: () => worker.performance.eventLoopUtilization().idle,
    async memory() {
      const { used_heap_size: heap, external_memory: buffers } = await worker.getHeapStatistics();
      return { heap, buffers };
    },
    collect: () => out.send(['collect']),
  };
}

async function describe(artifact: Artifact, error: ThrownError): Promise<[message: string, details: Record<string, unknown>]> {
  const syntax = error.message.startsWith('SyntaxError') ? await syntaxErrorPlace(artifact) : undefined;
  const stack = mapStack(syntax === undefined ? error.stack : `${error.message}\n    at ${syntax}`, artifact.modules);
  const place = /\(?((?!node:)[^\s()]+:\d+:\d+)\)?/.exec(stack.slice(stack.indexOf('\n') + 1))?.[1];
  return [`${artifact.manifest.name} could not start: ${error.message}${place ? ` (${place})` : ''}`, { error: error.message, stack }];
}

/** Node does not say where a module's syntax is wrong; a bundler's parser does. */
async function syntaxErrorPlace({ modules }: Artifact): Promise<string | undefined> {
  const { transform } = await import('esbuild');
  for (const [name, { type, bytes }] of Object.entries(modules)) {
    if (type !== 'js') continue;
    const failure = await transform(bytes, { loader: 'js', logLevel: 'silent' }).catch((error: Partial<TransformFailure>) => error);
    const location = 'errors' in failure ? failure.errors?.[0]?.location : undefined;
    if (location) return `${name}:${location.line}:${location.column + 1}`;
  }
  return undefined;
}

async function dataOf({ artifact, compile, secrets, version, shadow, network }: ThreadOptions): Promise<CellData> {
  const { manifest, mainModule, modules } = artifact;
  const given: Record<string, CellModule> = {};
  // Those of a component have a limit of their own, `component.memory_mb`.
  const most = manifest.component === undefined ? limitsOf(manifest).memory_mb * MB : Infinity;
  for (const [name, { type, bytes }] of Object.entries(modules)) {
    if (type === 'map' || type === 'openapi') continue;
    given[name] = type === 'wasm' ? { type, module: await compile(name, bytes, most) } : { type, bytes };
  }
  return {
    function: manifest.name,
    version,
    mainModule,
    modules: given,
    vars: { ...secrets, ...manifest.vars },
    bindings: bindingsOf(manifest).map(({ scope: _scope, ...told }) => told),
    services: (manifest.services ?? []).map(({ binding }) => binding),
    nodejsCompat: manifest.compatibility_flags.some((flag) => flag === 'nodejs_compat' || flag === 'nodejs_compat_v2'),
    nodejsAls: manifest.compatibility_flags.includes('nodejs_als'),
    evalAtStart: evalAtStart(manifest),
    limits: limitsOf(manifest),
    egress: { outbound: manifest.capabilities.outbound, open: network?.open ?? [], shadow },
    names: network?.names ?? {},
  };
}

/** https://developers.cloudflare.com/workers/configuration/compatibility-flags/#enable-eval-during-startup */
function evalAtStart({ compatibility_date: date, compatibility_flags: flags }: Artifact['manifest']): boolean {
  if (flags.includes('disallow_eval_during_startup')) return false;
  return date >= '2025-06-01' || flags.includes('allow_eval_during_startup');
}
