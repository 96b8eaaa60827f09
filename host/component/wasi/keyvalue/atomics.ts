import { blocking, type HostInterface } from '../../host.ts';
import type { Factory } from '../settings.ts';
import { err, OK, type Result } from '../values/result.ts';
import { attempt, other, type Bucket, type StoreError } from './bucket.ts';

/** A value as it was read. */
class Cas {
  readonly bucket: Bucket;
  readonly key: string;
  readonly value: Uint8Array | undefined;
  readonly revision: number;

  constructor(bucket: Bucket, key: string, { value, revision }: { value: Uint8Array | undefined; revision: number }) {
    this.bucket = bucket;
    this.key = key;
    this.value = value;
    this.revision = revision;
  }
}

const NO_SWAP = other('This store has no compare-and-swap.');

/** The number comes as u64 in 0.2.0-draft, as s64 since. */
const increment: HostInterface = {
  increment: blocking(async (bucket: Bucket, key: string, delta: bigint) => {
    const { binding } = bucket;
    if (typeof binding.increment !== 'function') return other('This store cannot increment in one step.');
    return attempt(async () => BigInt(await binding.increment!(key, delta)));
  }),
};

const both: HostInterface = {
  ...increment,
  '[static]cas.new': blocking(read),
  '[method]cas.current': ({ value }: Cas) => ({ tag: 'ok', val: value }),
  swap: blocking(swap),
};

export const atomicsOfDraft1: Factory = () => increment;
export const atomics: Factory = () => both;

async function read(bucket: Bucket, key: string): Promise<Result<Cas, StoreError>> {
  const { binding } = bucket;
  if (typeof binding.getWithRevision !== 'function') return NO_SWAP;
  return attempt(async () => {
    const { value, revision } = await binding.getWithRevision!(key, 'arrayBuffer');
    return new Cas(bucket, key, { value: value === null ? undefined : new Uint8Array(value), revision });
  });
}

type SwapError = { readonly tag: 'store-error'; readonly val: StoreError } | { readonly tag: 'cas-failed'; readonly val: Cas };

async function swap({ bucket, key, revision }: Cas, value: Uint8Array): Promise<Result<undefined, SwapError>> {
  try {
    await bucket.binding.put(key, value, { ifRevision: revision });
    return OK;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'conflict') return err({ tag: 'store-error', val: other(messageOf(error)).val });
    const current = await read(bucket, key);
    return err(current.tag === 'ok' ? { tag: 'cas-failed', val: current.val } : { tag: 'store-error', val: current.val });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
