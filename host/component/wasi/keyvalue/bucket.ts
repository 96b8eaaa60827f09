import type { World } from '../../host.ts';
import { err, ok, type Err, type Result } from '../values/result.ts';

/** The KV binding of Workers, as much of it as is needed here. */
export interface KeyValueBinding {
  get(key: string, type: 'arrayBuffer'): Promise<ArrayBuffer | null>;
  put(key: string, value: Uint8Array, options?: { readonly ifRevision: number }): Promise<unknown>;
  delete(key: string): Promise<void>;
  list(options: { cursor?: string }): Promise<{
    readonly keys: readonly { readonly name: string }[];
    readonly list_complete: boolean;
    readonly cursor?: string;
  }>;
  /** Beyond Workers: adds to a decimal number, from 0, in one step. */
  increment?(key: string, delta: bigint): Promise<bigint | number>;
  /** Beyond Workers: the revision is what `put` takes as `ifRevision`. */
  getWithRevision?(key: string, type: 'arrayBuffer'): Promise<{ readonly value: ArrayBuffer | null; readonly revision: number }>;
}

export type StoreError = { readonly tag: 'no-such-store' | 'access-denied' } | { readonly tag: 'other'; readonly val: string };

const NO_SUCH_STORE = err<StoreError>({ tag: 'no-such-store' });
const ACCESS_DENIED = err<StoreError>({ tag: 'access-denied' });

/** A store that a guest has opened. */
export class Bucket {
  readonly binding: KeyValueBinding;
  /** 0.2.0-draft gives cursors as numbers: the places of their strings in here. */
  readonly cursors: string[] = [];

  constructor(binding: KeyValueBinding) {
    this.binding = binding;
  }
}

/** The store that the function's binding of this name is; a binding of another kind is none of the guest's business. */
export function openBucket(world: World, name: string): Result<Bucket, StoreError> {
  const { env } = world.invocation;
  if (!Object.hasOwn(env, name)) return NO_SUCH_STORE;
  const binding = env[name];
  return isKeyValue(binding) ? ok(new Bucket(binding)) : ACCESS_DENIED;
}

/** Runs an operation on a store; what it throws is the guest's to handle. */
export async function attempt<T>(operation: () => Promise<T>): Promise<Result<T, StoreError>> {
  try {
    return ok(await operation());
  } catch (error) {
    return other(error instanceof Error ? error.message : String(error));
  }
}

export function other(message: string): Err<StoreError> {
  return err({ tag: 'other', val: message });
}

export async function bytesOf({ binding }: Bucket, key: string): Promise<Uint8Array | undefined> {
  const value = await binding.get(key, 'arrayBuffer');
  return value === null ? undefined : new Uint8Array(value);
}

function isKeyValue(value: unknown): value is KeyValueBinding {
  if (value === null || typeof value !== 'object') return false;
  const candidate = value as Record<string, unknown>;
  // Other bindings have `put` and `list` too; `head` is what an R2 bucket has and a KV namespace lacks.
  return ['get', 'put', 'delete', 'list'].every((name) => typeof candidate[name] === 'function') && typeof candidate['head'] !== 'function';
}
