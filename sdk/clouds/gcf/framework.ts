import type { Signature } from '../settings.ts';

export type AnyFunction = (...args: unknown[]) => unknown;

export interface Registered {
  readonly signature: Signature;
  readonly run: AnyFunction;
}

/** What `@google-cloud/functions-framework` registers. https://github.com/GoogleCloudPlatform/functions-framework-nodejs */
export const registered = new Map<string, Registered>();

export function http(name: string, run: AnyFunction): void {
  register('http', { name, run });
}

export function cloudEvent(name: string, run: AnyFunction): void {
  register('cloudevent', { name, run });
}

export function event(name: string, run: AnyFunction): void {
  register('event', { name, run });
}

export function typed(name: string): never {
  throw new Error(`functions.typed(${JSON.stringify(name)}, …) is not there in Brink. Register it with functions.http and take req.body.`);
}

function register(signature: Signature, { name, run }: { name: string; run: AnyFunction }): void {
  if (typeof name !== 'string' || !/^[A-Za-z][\w-]*$/.test(name))
    throw new TypeError(`${JSON.stringify(name)} cannot be the name of a function: letters, digits, "-" and "_", a letter first.`);
  if (typeof run !== 'function') throw new TypeError(`What is registered as ${JSON.stringify(name)} is no function.`);
  registered.set(name, { signature, run });
}
