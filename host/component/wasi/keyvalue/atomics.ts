import { blocking, type HostInterface } from '../../host.ts';
import type { Factory } from '../settings.ts';
import { err } from '../values/result.ts';
import { attempt, other, type Bucket } from './bucket.ts';

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
  '[static]cas.new': () => NO_SWAP,
  '[method]cas.current': () => NO_SWAP,
  swap: () => err({ tag: 'store-error', val: NO_SWAP.val }),
};

export const atomicsOfDraft1: Factory = () => increment;
export const atomics: Factory = () => both;
