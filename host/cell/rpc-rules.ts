/**
 * What may be reached by RPC, by Workers' rules: what a class declares on its prototype, never what an object of it holds
 * itself, and nothing of `Object`. https://developers.cloudflare.com/workers/runtime-apis/rpc/visibility/
 */

/** Those that mean something else on an entrypoint. */
const RESERVED: ReadonlySet<string> = new Set([
  'constructor',
  'fetch',
  'connect',
  'dup',
  'alarm',
  'webSocketMessage',
  'webSocketClose',
  'webSocketError',
]);
/** Of an entrypoint that is a plain object, they are called by triggers alone. */
const TRIGGERS: ReadonlySet<string> = new Set(['scheduled', 'queue', 'email', 'tail', 'tailStream', 'trace', 'test']);

/** What a caller hears where there is nothing that it may reach. */
export class RpcRefused extends TypeError {}

/** A property that a class declares, read from an object of it. @throws {RpcRefused} */
export function declaredProperty(target: object, name: string): unknown {
  if (Object.hasOwn(target, name)) throw notThere(name);
  for (let level: unknown = Object.getPrototypeOf(target); isDeclaring(level); level = Object.getPrototypeOf(level)) {
    if (Object.hasOwn(level, name)) return (target as Record<string, unknown>)[name];
  }
  throw notThere(name);
}

/** The same of an entrypoint that is a class. @throws {RpcRefused} */
export function entrypointProperty(instance: object, name: string): unknown {
  checkReserved(name);
  return declaredProperty(instance, name);
}

/** A function of an entrypoint that is a plain object; it takes one argument of the caller's, `env` and `ctx`. @throws {RpcRefused} */
export function plainFunction(
  module: object,
  name: string,
  args: readonly unknown[],
): (arg: unknown, env: unknown, ctx: unknown) => unknown {
  checkReserved(name);
  // An app's own object, as a router is, has methods that are for its author alone.
  const plain = Object.getPrototypeOf(module) === Object.prototype && Object.hasOwn(module, name) && !TRIGGERS.has(name);
  const value: unknown = plain ? (module as Record<string, unknown>)[name] : undefined;
  if (typeof value !== 'function') throw notThere(name);
  if (args.length === 1 && value.length <= 3) return value as never;
  throw new RpcRefused(
    `Attempted to call RPC function "${name}" with the wrong number of arguments. A function that is no method of a class takes exactly one; extend WorkerEntrypoint for others.`,
  );
}

/** Whether a class has properties besides its constructor and those `known`. */
export function declares(prototype: object, known: readonly string[]): boolean {
  for (let level: unknown = prototype; isDeclaring(level); level = Object.getPrototypeOf(level)) {
    if (Object.getOwnPropertyNames(level).some((name) => !RESERVED.has(name) && !known.includes(name))) return true;
  }
  return false;
}

export function notThere(name: string): RpcRefused {
  return new RpcRefused(`The RPC receiver does not implement the method "${name}".`);
}

/** A part of the chain that the author's classes are, or one below `Object`. */
function isDeclaring(level: unknown): level is object {
  return level !== null && typeof level === 'object' && level !== Object.prototype;
}

function checkReserved(name: string): void {
  if (RESERVED.has(name)) throw new RpcRefused(`'${name}' is a reserved method and cannot be called over RPC.`);
}
