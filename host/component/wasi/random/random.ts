import type { HostInterface } from '../../host.ts';
import { Trap } from '../../trap.ts';
import type { Factory } from '../settings.ts';

/** Web Crypto fills no more at once; what 0.3 returns at most. */
const CHUNK = 65_536;
/** 0.2 has to return all that was asked for. */
const MAX_BYTES = 64 * 1024 * 1024;

const secure2: HostInterface = { 'get-random-bytes': bytes, 'get-random-u64': u64 };
const secure3: HostInterface = { 'get-random-bytes': someBytes, 'get-random-u64': u64 };
const insecure2: HostInterface = { 'get-insecure-random-bytes': bytes, 'get-insecure-random-u64': u64 };
const insecure3: HostInterface = { 'get-insecure-random-bytes': someBytes, 'get-insecure-random-u64': u64 };

export const random2: Factory = () => secure2;
export const random3: Factory = () => secure3;
// Nothing is gained by being worse at it.
export const insecureRandom2: Factory = () => insecure2;
export const insecureRandom3: Factory = () => insecure3;

export const insecureSeed2: Factory = (_world, _settings, life) => ({ 'insecure-seed': seed(life.onReset.bind(life)) });
export const insecureSeed3: Factory = (_world, _settings, life) => ({ 'get-insecure-seed': seed(life.onReset.bind(life)) });

/** The same for the life of an instance, as it stands for a value import. */
function seed(onReset: (step: () => void) => void): () => readonly [bigint, bigint] {
  let value: readonly [bigint, bigint] | null = null;
  onReset(() => {
    value = null;
  });
  return () => (value ??= [u64(), u64()]);
}

function u64(): bigint {
  return crypto.getRandomValues(new BigUint64Array(1))[0]!;
}

function someBytes(maxLength: bigint): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(maxLength > CHUNK ? CHUNK : Number(maxLength)));
}

function bytes(length: bigint): Uint8Array {
  if (length > MAX_BYTES) throw new Trap(`${length} random bytes were asked for at once; the host gives at most ${MAX_BYTES}.`);
  const all = new Uint8Array(Number(length));
  for (let at = 0; at < all.length; at += CHUNK) crypto.getRandomValues(all.subarray(at, at + CHUNK));
  return all;
}
