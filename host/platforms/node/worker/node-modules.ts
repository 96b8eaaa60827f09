import { isBuiltin } from 'node:module';
import process from 'node:process';
import { PARTS } from './node-parts.ts';

/** With `nodejs_compat`: modules that compute and reach nothing outside of the cell. Functions get Node's own. */
export const OWN_MODULES: ReadonlySet<string> = new Set([
  'assert', 'assert/strict', 'async_hooks', 'buffer', 'console', 'constants', 'crypto', 'diagnostics_channel', 'events', 'path', 'path/posix',
  'path/win32', 'perf_hooks', 'punycode', 'querystring', 'stream', 'stream/consumers', 'stream/promises', 'stream/web', 'string_decoder', 'sys',
  'timers', 'timers/promises', 'url', 'util', 'util/types', 'zlib',
].map((name) => `node:${name}`)); // prettier-ignore

// The global `process` becomes a smaller one.
const { getBuiltinModule } = process;
const DEEP = 3;
const NAME = /^[a-zA-Z$][\w$]*$/;

/** What some answer without reaching anything, as workerd answers. */
const ANSWERS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'node:os': {
    EOL: '\n',
    devNull: '/dev/null',
    arch: () => 'x64',
    availableParallelism: () => 1,
    cpus: () => [],
    endianness: () => 'LE',
    freemem: () => 0,
    homedir: () => '/tmp/',
    hostname: () => 'localhost',
    loadavg: () => [0, 0, 0],
    machine: () => 'x86_64',
    networkInterfaces: () => ({}),
    platform: () => 'linux',
    release: () => '',
    tmpdir: () => '/tmp/',
    totalmem: () => 0,
    type: () => 'Linux',
    uptime: () => 0,
    version: () => '',
  },
  'node:tty': { isatty: () => false },
  'node:worker_threads': {
    isMainThread: true,
    isInternalThread: false,
    threadId: 0,
    threadName: '',
    parentPort: null,
    workerData: null,
    resourceLimits: {},
    MessageChannel,
    MessagePort,
  },
  'node:module': { builtinModules: [], globalPaths: [], isBuiltin, createRequire: () => requireModule },
};

/** The exports of a module that functions get less of, or nothing that works; undefined where they get Node's own, or there is none. */
export function limitedModule(specifier: string): Readonly<Record<string, unknown>> | undefined {
  const part = PARTS[specifier];
  if (part !== undefined) return { ...part, default: part };
  return OWN_MODULES.has(specifier) ? undefined : absentModule(specifier);
}

/**
 * The exports of a module that reaches the machine; undefined where Node has none of that name. Packages import these
 * for what they seldom do, and Workers' nodejs_compat has them all. So each can be imported, with the names that it
 * has, and what is called of it throws.
 */
function absentModule(specifier: string): Readonly<Record<string, unknown>> | undefined {
  if (!isBuiltin(specifier)) return undefined;
  const exports = { ...stubs(exportsOf(specifier), `${specifier} `, 0), ...ANSWERS[specifier] };
  return { ...exports, default: exports };
}

function exportsOf(specifier: string): object {
  try {
    return getBuiltinModule(specifier) ?? {};
  } catch {
    // Some refuse to be loaded in a thread.
    return {};
  }
}

function stubs(values: object, path: string, depth: number): Record<string, unknown> {
  const entries = Object.entries(values).filter(([name]) => NAME.test(name) && name !== 'default');
  return Object.fromEntries(entries.map(([name, value]) => [name, stub(value, path + name, depth)]));
}

/** Functions and classes that throw when used, tables of constants as they are, and nothing of what lives. */
function stub(value: unknown, path: string, depth: number): unknown {
  if (typeof value === 'function') {
    const absent = function () {
      throw notHere(path);
    };
    return Object.assign(absent, depth < DEEP ? stubs(value, `${path}.`, depth + 1) : {});
  }
  if (typeof value !== 'object' || value === null) return typeof value === 'string' && value.startsWith('/') ? '' : value;
  if (depth >= DEEP || !isPlain(value)) return {};
  if (Array.isArray(value)) return value.map((inner) => stub(inner, path, depth + 1));
  return stubs(value, `${path}.`, depth + 1);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || prototype === Array.prototype;
}

function notHere(path: string): Error {
  return Object.assign(new Error(`${path} is not there: functions on Node reach nothing of the machine. Use fetch and bindings.`), {
    code: 'ERR_METHOD_NOT_IMPLEMENTED',
  });
}

function requireModule(id: string): unknown {
  const specifier = id.startsWith('node:') ? id : `node:${id}`;
  if (specifier === 'node:process') return globalThis.process;
  const module = limitedModule(specifier)?.['default'] ?? (OWN_MODULES.has(specifier) ? getBuiltinModule(specifier) : undefined);
  if (module !== undefined) return module;
  throw Object.assign(new Error(`Cannot find module '${id}': what a function requires is bundled with it, or one of Node's own.`), {
    code: 'MODULE_NOT_FOUND',
  });
}
