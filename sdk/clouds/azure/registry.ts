import type { InvocationContext } from './context.ts';

/** A function's handler: what triggers it first, then the invocation. */
export type Run = (trigger: unknown, context: InvocationContext) => unknown;

/** What `input.…` and `output.…` make: the key by which a handler names it. */
export interface Binding {
  readonly type: string;
  readonly name: string;
  readonly [option: string]: unknown;
}

interface Common {
  readonly name: string;
  readonly run: Run;
  readonly extraInputs: readonly Binding[];
  readonly extraOutputs: readonly Binding[];
  /** Where the handler's result goes. */
  readonly return: Binding | undefined;
}

export type AuthLevel = 'anonymous' | 'function' | 'admin';

export interface HttpFunction extends Common {
  readonly kind: 'http';
  readonly methods: readonly string[];
  readonly route: string;
  readonly authLevel: AuthLevel;
}

export interface TimerFunction extends Common {
  readonly kind: 'timer';
  readonly schedule: string;
}

export interface QueueFunction extends Common {
  readonly kind: 'storageQueue' | 'serviceBusQueue';
  readonly queue: string;
  /** All messages of a batch at once. */
  readonly many: boolean;
}

export type AzureFunction = HttpFunction | TimerFunction | QueueFunction;

export type Hook = (context: Record<string, unknown>) => unknown;

/** What the module has registered, in order. */
export const functions: AzureFunction[] = [];
export const hooks: { readonly pre: Hook[]; readonly post: Hook[]; readonly start: Hook[] } = { pre: [], post: [], start: [] };

/** @throws {TypeError} where there is one of that name */
export function register(added: AzureFunction): void {
  if (functions.some(({ name }) => name === added.name))
    throw new TypeError(`There are two functions with the name ${JSON.stringify(added.name)}.`);
  functions.push(added);
}
