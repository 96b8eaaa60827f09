import { timingSafeEqual } from 'node:crypto';
import { createEgress } from '../../../cell/egress.ts';
import type { InvocationStorage } from '../../../cell/invocation.ts';
import { limitedFetch } from '../../../cell/outgoing.ts';
import { nextTraceparent } from '../../../observe/trace.ts';
import type { CellData } from './data.ts';
import { DigestStream } from './digest-stream.ts';
import { createDispatcher, guardConnections, restrictedWebSocket } from './egress.ts';
import { PromiseRejectionEvent, type GlobalEvents } from './events.ts';
import { createFetch } from './fetch.ts';
import { hideInternals } from './internals.ts';
import { CellRequest } from '../light-request.ts';
import { LightResponse } from '../light-response.ts';
import { WebSocketPair } from './socket.ts';
import { FixedLengthStream, IdentityTransformStream, scheduler } from './workers-globals.ts';

/**
 * What Node has and Workers does not. Node's own fetch, sockets and streams look for `Buffer`, `process`, `setImmediate`
 * and `clearImmediate` among the globals, so those stay; of `process` only what does no harm.
 */
const NODE_ONLY = [
  'BroadcastChannel',
  'Storage',
  'sessionStorage',
  'localStorage',
  'global',
  'require',
  'module',
  'exports',
  '__filename',
  '__dirname',
];

const { random } = Math;

export interface GlobalsOptions {
  readonly storage: InvocationStorage;
  readonly events: GlobalEvents;
  readonly caches: unknown;
}

/** Makes the worker's globals those of Workers. Returns what `node:process` is to the function. */
export function installGlobals(data: CellData, { storage, events, caches }: GlobalsOptions): Record<string, unknown> {
  const traceparent = () => storage.getStore()?.traceparent ?? nextTraceparent(null, random);
  const egress = createEgress(data.egress);
  guardConnections(egress, data.names);
  const dispatcher = createDispatcher(egress, traceparent);
  const traceFor = (said: string | null) => storage.getStore()?.traceFor(said) ?? null;
  define(
    'fetch',
    limitedFetch(createFetch({ traceFor, traceparent, egress, dispatcher }), storage, () => data.limits),
  );
  define('Request', CellRequest);
  define('Response', LightResponse);
  define('WebSocketPair', WebSocketPair);
  define('caches', caches);
  define('IdentityTransformStream', IdentityTransformStream);
  define('FixedLengthStream', FixedLengthStream);
  define('scheduler', scheduler);
  define('PromiseRejectionEvent', PromiseRejectionEvent);
  for (const [name, method] of Object.entries(events.methods)) define(name, method);
  define('WebSocket', restrictedWebSocket(dispatcher));
  define('navigator', Object.freeze({ userAgent: 'Cloudflare-Workers', language: 'en', hardwareConcurrency: 1 }));
  define('self', globalThis);
  Object.defineProperty(Crypto.prototype, 'DigestStream', { value: DigestStream, configurable: true, writable: true });
  Object.defineProperty(SubtleCrypto.prototype, 'timingSafeEqual', { value: timingSafeEqual, configurable: true, writable: true });

  hideInternals();
  for (const name of NODE_ONLY) Reflect.deleteProperty(globalThis, name);
  const process = limitedProcess(data.vars);
  define('process', process);
  if (data.nodejsCompat) define('global', globalThis);
  return process;
}

/** `process` as Workers' nodejs_compat has it: facts and the vars, nothing that reaches the machine. */
function limitedProcess(vars: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { nextTick, version, versions, hrtime, emitWarning } = process;
  const strings = Object.entries(vars).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
  const listen = () => limited;
  const limited: Record<string, unknown> = {
    env: Object.fromEntries(strings) as Record<string, string>,
    argv: [],
    argv0: 'brink',
    execArgv: [],
    execPath: '',
    exitCode: undefined,
    release: { name: 'node' },
    features: {},
    config: {},
    stdin: null,
    stdout: printer(1, 'log'),
    stderr: printer(2, 'error'),
    version,
    versions: { ...versions },
    platform: 'linux',
    arch: 'x64',
    pid: 1,
    ppid: 0,
    title: 'brink',
    browser: false,
    cwd: () => '/',
    umask: () => 0o22,
    memoryUsage: () => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 }),
    nextTick,
    hrtime,
    emitWarning,
    uptime: () => performance.now() / 1000,
    on: listen,
    once: listen,
    off: listen,
    addListener: listen,
    removeListener: listen,
    removeAllListeners: listen,
    emit: () => false,
    listeners: () => [],
    exit(code?: number) {
      throw new Error(`process.exit(${code ?? ''}) was called; a function cannot stop its cell.`);
    },
  };
  return limited;
}

/** What packages ask of a stream of the terminal: whether it is one, and to print a line. */
function printer(fd: number, level: 'log' | 'error'): Record<string, unknown> {
  return {
    fd,
    isTTY: false,
    write(text: unknown) {
      console[level](String(text).replace(/\n$/, ''));
      return true;
    },
  };
}

function define(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true, enumerable: false });
}
