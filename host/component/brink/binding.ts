import type { World } from '../host.ts';
import { err, ok, type Err, type Result } from '../wasi/values/result.ts';

export interface AccessDenied {
  readonly tag: 'access-denied';
  /** Which binding, and why it is not to be had. */
  readonly val: string;
}

/** What a binding is known by: the methods that an object has to have. */
export interface BindingKind {
  /** As in "is no queue". */
  readonly name: string;
  readonly methods: readonly string[];
}

/** The function's binding of this name; a binding of another kind is none of the guest's business. */
export function bindingOf<T>(world: World, name: string, kind: BindingKind): Result<T, AccessDenied> {
  const { env } = world.invocation;
  if (!Object.hasOwn(env, name)) return denied(`The function's manifest names no binding ${JSON.stringify(name)}.`);
  const binding = env[name];
  return isOf(binding, kind) ? ok(binding as T) : denied(`The function's binding ${JSON.stringify(name)} is no ${kind.name}.`);
}

/** Runs an operation on a binding; what it throws is the guest's to handle. */
export async function attempt<T, E>(operation: () => Promise<T>, toError: (error: Error) => E): Promise<Result<T, E>> {
  try {
    return ok(await operation());
  } catch (error) {
    return err(toError(error instanceof Error ? error : new Error(String(error))));
  }
}

export interface Other {
  readonly tag: 'other';
  readonly val: string;
}

export function other({ message }: Error): Other {
  return { tag: 'other', val: message };
}

export interface Invalid {
  readonly tag: 'invalid';
  readonly val: string;
}

/** What JavaScript throws where an argument is not what it has to be. */
export function invalidOrOther(error: Error): Invalid | Other {
  return {
    tag: error.name === 'TypeError' || error.name === 'RangeError' || error.name === 'SyntaxError' ? 'invalid' : 'other',
    val: error.message,
  };
}

function denied(message: string): Err<AccessDenied> {
  return err({ tag: 'access-denied', val: message });
}

function isOf(value: unknown, { methods }: BindingKind): boolean {
  if (value === null || typeof value !== 'object') return false;
  return methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
}
