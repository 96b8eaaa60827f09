import type { HandlerName } from '../dispatch/cell.ts';
import type { FailureCode } from './failure.ts';

/**
 * The handlers of a function's main module, in the shapes that Workers takes: `export default { fetch, … }`
 * (a Hono app or a router is such an object too), or a default class that extends `WorkerEntrypoint`.
 */
export interface Handlers {
  readonly names: readonly HandlerName[];
  /** Calls a handler with the arguments of its module form: `(subject, env, ctx)`. */
  call(name: HandlerName, subject: unknown, env: unknown, ctx: unknown): unknown;
}

type Entrypoint = new (ctx: unknown, env: unknown) => Record<string, unknown>;
type Handler = (this: unknown, ...args: unknown[]) => unknown;

const NAMES: readonly HandlerName[] = ['fetch', 'scheduled', 'queue', 'email'];

export function handlersOf(defaultExport: unknown): Handlers {
  if (isEntrypoint(defaultExport)) return ofClass(defaultExport);
  if (defaultExport !== null && (typeof defaultExport === 'object' || typeof defaultExport === 'function')) {
    return ofObject(defaultExport as Record<string, unknown>);
  }
  return { names: [], call: missing };
}

function ofObject(module: Record<string, unknown>): Handlers {
  const found = new Map<HandlerName, Handler>();
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
  };
}

/** A class gets one object per invocation, and reads env and ctx from `this`. */
function ofClass(Class: Entrypoint): Handlers {
  const has = (name: HandlerName) => typeof (Class.prototype as Record<string, unknown>)[name] === 'function';
  return {
    names: NAMES.filter(has),
    call(name, subject, env, ctx) {
      if (!has(name)) return missing(name);
      const instance = new Class(ctx, env);
      return (instance[name] as Handler).call(instance, subject);
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

/** What the host is told of an error that a handler threw. */
export function failureCodeOf(error: unknown): FailureCode {
  if (error instanceof HandlerMissing) return 'handler-missing';
  const name = error instanceof Error ? error.name : '';
  // What the runtime of components throws.
  if (name === 'GuestTrap') return 'guest-trapped';
  return name === 'InvalidAnswer' ? 'response-invalid' : 'handler-threw';
}

function missing(name: HandlerName): never {
  throw new HandlerMissing(name);
}

export class HandlerMissing extends Error {
  constructor(name: HandlerName) {
    super(`The main module has no ${name} handler.`);
    this.name = 'HandlerMissing';
  }
}
