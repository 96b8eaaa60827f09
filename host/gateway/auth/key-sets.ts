import { readBody } from '../read-body.ts';
import type { JWK } from 'jose';
import type { LoadedVersion } from '../../dispatch/cell.ts';
import type { GatewayTools } from '../rules.ts';
import { unavailable } from './scheme.ts';

/** The public keys of an issuer. RFC 7517, section 5. */
export interface KeySet {
  readonly keys: JWK[];
}

/** The key sets of issuers, fetched where a function may fetch, and kept. */
export interface KeySets {
  /** @throws {BrinkError} `auth-unavailable` where there is none */
  of(version: LoadedVersion, url: string): Promise<KeySet>;
  /** After a token that names another key: the set as it is now, or null where it was fetched a moment ago. */
  again(version: LoadedVersion, url: string): Promise<KeySet | null>;
}

interface Kept {
  readonly set: KeySet;
  readonly at: number;
}

/** How long a set is used without a look at what has become of it, in ms. */
const FRESH = 600_000;
/** How long it is where nobody answers. */
const STALE = 86_400_000;
/** At most one look for each such time, however many tokens name keys that are not there. */
const COOLDOWN = 30_000;
const TIMEOUT = 5_000;
const MAX_BYTES = 262_144;
const MAX_KEYS = 100;
const MAX_SETS = 1_000;

export function createKeySets({ now, outbound, shares }: Pick<GatewayTools, 'now' | 'outbound' | 'shares'>): KeySets {
  const kept = new Map<string, Kept>();
  const asked = new Map<string, number>();
  const running = new Map<string, Promise<KeySet>>();

  const fetched = async (key: string, version: LoadedVersion, url: string): Promise<KeySet> => {
    asked.set(key, now());
    const set = await read(outbound, version, url);
    if (kept.size >= MAX_SETS) kept.delete(kept.keys().next().value!);
    kept.set(key, { set, at: now() });
    return set;
  };

  /** One for all that wait, where a request may wait for what another one began. */
  const once = (key: string, version: LoadedVersion, url: string): Promise<KeySet> => {
    if (!shares) return fetched(key, version, url);
    let run = running.get(key);
    if (run === undefined) running.set(key, (run = fetched(key, version, url).finally(() => running.delete(key))));
    return run;
  };

  return {
    async of(version, url) {
      const key = keyOf(version, url);
      const known = kept.get(key);
      const age = known === undefined ? Infinity : now() - known.at;
      if (known !== undefined && age < FRESH) return known.set;
      if (known !== undefined && age < STALE && now() - (asked.get(key) ?? -Infinity) < COOLDOWN) return known.set;
      return once(key, version, url).catch((error: unknown) => {
        if (known !== undefined && age < STALE) return known.set;
        throw error;
      });
    },
    async again(version, url) {
      const key = keyOf(version, url);
      if (now() - (asked.get(key) ?? -Infinity) < COOLDOWN) return null;
      return once(key, version, url).catch(() => null);
    },
  };
}

/** By what the function may reach, which is the function's. */
function keyOf({ function: name }: LoadedVersion, url: string): string {
  return `${name} ${url}`;
}

async function read(outbound: GatewayTools['outbound'], version: LoadedVersion, url: string): Promise<KeySet> {
  try {
    const request = new Request(url, { headers: { accept: 'application/json' }, signal: AbortSignal.timeout(TIMEOUT) });
    const response = await outbound(version, request);
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Error(`${url} answers ${response.status}`);
    }
    return keySetOf(JSON.parse(await textOf(response)));
  } catch (error) {
    throw unavailable(`the keys at ${url} cannot be read`, error);
  }
}

async function textOf({ body }: Response): Promise<string> {
  const { bytes, rest } = await readBody(body, MAX_BYTES);
  if (rest === null) return new TextDecoder().decode(bytes);
  await rest.cancel();
  throw new Error(`a key set has at most ${MAX_BYTES} bytes`);
}

/** Public keys alone: one that is shared has no place where all can read it. */
function keySetOf(value: unknown): KeySet {
  const keys = (value as { keys?: unknown } | null)?.keys;
  if (!Array.isArray(keys)) throw new Error('it is no key set');
  const usable = keys.filter((key): key is JWK => typeof key === 'object' && key !== null && (key as JWK).kty !== 'oct');
  return { keys: usable.slice(0, MAX_KEYS) };
}
