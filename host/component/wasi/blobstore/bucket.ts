import type { World } from '../../host.ts';
import { err, ok, type Err, type Result } from '../values/result.ts';

/** The R2 binding of Workers, as much of it as is needed here. */
export interface BlobBinding {
  head(key: string): Promise<BlobFacts | null>;
  get(key: string, options?: { range: { offset: number; length: number } }): Promise<(BlobFacts & BlobBody) | null>;
  put(key: string, value: Uint8Array | ReadableStream | ArrayBuffer, options?: { copied: true }): Promise<unknown>;
  delete(keys: string | string[]): Promise<void>;
  list(options: { cursor?: string }): Promise<{
    readonly objects: readonly { readonly key: string }[];
    readonly truncated: boolean;
    readonly cursor?: string;
  }>;
}

export interface BlobFacts {
  readonly size: number;
  readonly uploaded: Date;
}

export interface BlobBody {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** `container` of wasi:blobstore: a bucket that is bound to the function. */
export class Container {
  readonly name: string;
  readonly binding: BlobBinding;

  constructor(name: string, binding: BlobBinding) {
    this.name = name;
    this.binding = binding;
  }
}

/** The container that the function's binding of this name is. */
export function containerOf(world: World, name: string): Result<Container, string> {
  const { env } = world.invocation;
  const binding = Object.hasOwn(env, name) ? env[name] : undefined;
  return isBucket(binding) ? ok(new Container(name, binding)) : err(`No bucket ${JSON.stringify(name)} is bound to this function.`);
}

/** Runs an operation on a bucket; what it throws is the guest's to handle. */
export async function attempt<T>(operation: () => Promise<T>): Promise<Result<T, string>> {
  try {
    return ok(await operation());
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

export function noObject(name: string): Err<string> {
  return err(`There is no object ${JSON.stringify(name)}.`);
}

function isBucket(value: unknown): value is BlobBinding {
  if (value === null || typeof value !== 'object') return false;
  return ['head', 'get', 'put', 'delete', 'list'].every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
}
