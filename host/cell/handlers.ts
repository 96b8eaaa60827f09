import type { HandlerName } from '../dispatch/cell.ts';
import type { FailureCode } from './failure.ts';
import { declares, entrypointProperty, notThere, plainFunction, RpcRefused } from './rpc-rules.ts';

/**
 * The handlers of a function's main module, in the shapes that Workers takes: `export default { fetch, … }`
 * (a Hono app or a router is such an object too), or a default class that extends `WorkerEntrypoint`.
 */
export interface Handlers {
  readonly names: readonly HandlerName[];
  /** Calls a handler with the arguments of its module form: `(subject, env, ctx)`. */
  call(name: EventName, subject: unknown, env: unknown, ctx: unknown): unknown;
  /** Calls a method, or reads a property, as another function may. @throws {RpcRefused} where it may not */
  rpc(rpc: Rpc, env: unknown, ctx: unknown): unknown;
}

/** What a main module exports: its handlers, and those of entrypoints that have a name. */
export interface Entrypoints {
  /** `rpc` where a class has more than handlers, or a name of its own. */
  readonly names: readonly HandlerName[];
  /** null: the default one. */
  of(name: string | null): Handlers;
}

export interface Rpc {
  readonly kind: 'call' | 'get';
  readonly method: string;
  readonly args: readonly unknown[];
}

export type EventName = Exclude<HandlerName, 'rpc'>;

type Entrypoint = new (ctx: unknown, env: unknown) => Record<string, unknown>;
type Handler = (this: unknown, ...args: unknown[]) => unknown;

const NAMES: readonly EventName[] = ['fetch', 'scheduled', 'queue', 'email'];

export function entrypointsOf(main: Readonly<Record<string, unknown>>): Entrypoints {
  const own = handlersOf(main['default']);
  const known = new Map<string, Handlers>();
  const named = Object.keys(main).some((name) => name !== 'default' && isEntrypoint(main[name]));
  return {
    names: named && !own.names.includes('rpc') ? [...own.names, 'rpc'] : own.names,
    of(name) {
      if (name === null) return own;
      let handlers = known.get(name);
      if (handlers === undefined) known.set(name, (handlers = handlersOf(Object.hasOwn(main, name) ? main[name] : undefined)));
      return handlers;
    },
  };
}

export function handlersOf(defaultExport: unknown): Handlers {
  if (isEntrypoint(defaultExport)) return ofClass(defaultExport);
  if (defaultExport !== null && (typeof defaultExport === 'object' || typeof defaultExport === 'function')) {
    return ofObject(defaultExport as Record<string, unknown>);
  }
  return { names: [], call: missing, rpc: missingMethod };
}

function ofObject(module: Record<string, unknown>): Handlers {
  const found = new Map<EventName, Handler>();
  for (const name of NAMES) {
    const handler = module[name];
    if (typeof handler === 'function') found.set(name, handler as Handler);
  }
  return {
    names: [...found.keys()],
    call(name, subject, env, ctx) {
      const handler = found.get(name);
      return handler === undefined ? missing(name) : handler.call(module, subject, env, ctx);
    },
    rpc({ kind, method, args }, env, ctx) {
      if (kind === 'get') return missingMethod({ method });
      return plainFunction(module, method, args).call(module, args[0], env, ctx);
    },
  };
}

/** A class gets one object per invocation, and reads env and ctx from `this`. */
function ofClass(Class: Entrypoint): Handlers {
  const has = (name: EventName) => typeof (Class.prototype as Record<string, unknown>)[name] === 'function';
  return {
    names: [...NAMES.filter(has), ...(declares(Class.prototype as object, NAMES) ? ['rpc' as const] : [])],
    call(name, subject, env, ctx) {
      if (!has(name)) return missing(name);
      const instance = new Class(ctx, env);
      return (instance[name] as Handler).call(instance, subject);
    },
    rpc({ kind, method, args }, env, ctx) {
      const instance = new Class(ctx, env);
      const property = entrypointProperty(instance, method);
      if (kind === 'get') return property;
      if (typeof property !== 'function') throw new TypeError(`${JSON.stringify(method)} is not a function.`);
      return Reflect.apply(property, instance, args);
    },
  };
}

/** Workers' base class is known by its name, as it is the platform's on workerd and ours on Node. */
function isEntrypoint(value: unknown): value is Entrypoint {
  if (typeof value !== 'function') return false;
  for (let parent: unknown = Object.getPrototypeOf(value); typeof parent === 'function'; parent = Object.getPrototypeOf(parent)) {
    if (parent.name === 'WorkerEntrypoint') return true;
  }
  return false;
}

/** Anything can be thrown, also what throws when it is looked at. */
function nameOf(error: unknown): string {
  try {
    if (error instanceof HandlerMissing || error instanceof RpcRefused) return 'missing';
    return error instanceof Error ? error.name : '';
  } catch {
    return '';
  }
}

/** What the host is told of an error that a handler threw. */
export function failureCodeOf(error: unknown): FailureCode {
  const name = nameOf(error);
  if (name === 'missing') return 'handler-missing';
  // What the runtime of components throws.
  if (name === 'GuestTrap') return 'guest-trapped';
  if (name === 'SubrequestsExceeded') return 'subrequests-exceeded';
  return name === 'InvalidAnswer' ? 'response-invalid' : 'handler-threw';
}

function missingMethod({ method }: Pick<Rpc, 'method'>): never {
  throw notThere(method);
}

function missing(name: EventName): never {
  throw new HandlerMissing(name);
}

export class HandlerMissing extends Error {
  constructor(name: EventName) {
    super(`The main module has no ${name} handler.`);
    this.name = 'HandlerMissing';
  }
}
