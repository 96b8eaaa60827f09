import type { CachedOptions, Loader } from './cached.ts';
import { isConflict, Lease, type LeaseState } from './cached-lease.ts';
import {
  bytesOf,
  failureOf,
  nameOf,
  loadedOf,
  namesOf,
  recordOf,
  tagKey,
  tagsOf,
  valueOf,
  type CachedRecord,
  type Generations,
  type Loaded,
  type Names,
} from './cached-record.ts';
import type { KVNamespace } from './kv.ts';

export interface CachedRuntime {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Milliseconds after which a loader that says nothing of itself counts as dead. */
  readonly lease: number;
  /** Keeps what runs after a response alive. */
  readonly keepAlive: (promise: Promise<unknown>) => void;
}

/** One call of `cached`. */
interface Asked extends CachedRuntime {
  readonly kv: KVNamespace;
  readonly key: string;
  readonly names: Names;
  readonly options: Checked;
  readonly loader: Loader<unknown>;
}

interface Checked {
  readonly ttl: number;
  readonly swr: number;
  readonly negativeTtl: number;
  readonly errorTtl: number;
  readonly tags: readonly string[];
  readonly signal: AbortSignal | undefined;
  readonly cacheTtl: number | undefined;
}

/** What the namespace has of a key: no record where it is invalid. */
interface Seen {
  readonly record: CachedRecord | null;
  readonly revision: number;
  readonly tags: Generations;
}

/** What came of a load: as the tags were before it, so that nobody takes it who knows of later ones. */
interface Outcome {
  readonly loaded: Loaded;
  /** What was thrown, for who waits in the same cell. */
  readonly error?: unknown;
  readonly tags: Generations;
}

/**
 * The one caller of this cell that has a key loaded, or waits for another cell that does. Those who wait look at it by
 * timers of their own: on workerd a request must not wait for a promise of another one, which may have died.
 */
interface Flight {
  aliveUntil: number;
  outcome?: Outcome;
}

/** Milliseconds of a pause: a part of what has been waited for already, so that waits stay short where loads are. */
const HERE = { share: 0.2, least: 1, most: 50 };
const ELSEWHERE = { share: 0.2, least: 10, most: 250 };
/** Milliseconds after which what failed in the background is tried again. */
const RETRY = 1_000;

export function createCached(runtime: CachedRuntime) {
  const flights = new WeakMap<KVNamespace, Map<string, Flight>>();
  return async <Value>(kv: KVNamespace, key: string, options: CachedOptions, loader: Loader<Value>): Promise<Value> => {
    if (typeof kv?.getWithRevision !== 'function')
      throw new TypeError('cached() needs a KV namespace of Brink; this has no getWithRevision().');
    const checked = checkedOf(options);
    checked.signal?.throwIfAborted();
    const here = flights.get(kv) ?? new Map<string, Flight>();
    flights.set(kv, here);
    const asked: Asked = { ...runtime, kv, key, names: await namesOf(key), options: checked, loader };
    const seen = await look(asked, checked.cacheTtl);
    const age = seen.record === null ? 'none' : ageOf(seen.record, runtime.now());
    if (age === 'stale') runtime.keepAlive(refresh(asked, here));
    return valueOf(age === 'none' ? await loadedBy(asked, here, seen.tags) : seen.record!) as Value;
  };
}

/** @throws {TypeError} */
function checkedOf({ ttl, swr = 0, negativeTtl = ttl, errorTtl = 0, tags = [], signal, cacheTtl }: CachedOptions): Checked {
  if (!(ttl > 0)) throw new TypeError('cached(): ttl is a number of seconds, more than 0.');
  for (const [name, value] of Object.entries({ swr, negativeTtl, errorTtl }))
    if (!(value >= 0)) throw new TypeError(`cached(): ${name} is a number of seconds, 0 or more.`);
  return { ttl, swr, negativeTtl, errorTtl, tags: tagsOf(tags), signal: signal ?? undefined, cacheTtl };
}

async function look({ kv, names, options }: Asked, cacheTtl?: number): Promise<Seen> {
  const memory = cacheTtl === undefined ? {} : { cacheTtl };
  const generations = async (tags: readonly string[]): Promise<Generations> => {
    if (tags.length === 0) return {};
    const found = await kv.get(tags.map(tagKey), memory);
    return Object.fromEntries(tags.map((tag) => [tag, Number(found.get(tagKey(tag)) ?? 0)]));
  };
  const [{ value, revision }, asked] = await Promise.all([
    cacheTtl === undefined
      ? kv.getWithRevision(names.value, 'arrayBuffer')
      : kv.getWithMetadata(names.value, { type: 'arrayBuffer', ...memory }).then((found) => ({ ...found, revision: 0 })),
    generations(options.tags),
  ]);
  const record = recordOf(value);
  const known = { ...(await generations(Object.keys(record?.tags ?? {}).filter((tag) => !Object.hasOwn(asked, tag)))), ...asked };
  const valid = record !== null && Object.entries(record.tags).every(([tag, generation]) => known[tag] === generation);
  return { record: valid ? record : null, revision, tags: asked };
}

function ageOf({ fresh, stale }: CachedRecord, now: number): 'fresh' | 'stale' | 'none' {
  return now < fresh ? 'fresh' : now < stale ? 'stale' : 'none';
}

/** What one loads for all: this caller, another of this cell, or one elsewhere. */
async function loadedBy(asked: Asked, here: Map<string, Flight>, tags: Generations): Promise<Loaded> {
  const { names, now, lease, options } = asked;
  const since = now();
  for (;;) {
    const flight = here.get(names.value);
    if (flight !== undefined && (flight.outcome !== undefined || flight.aliveUntil > now())) {
      if (flight.outcome === undefined) {
        await pause(asked, since, HERE);
        if (flight.outcome === undefined) continue;
      }
      const { outcome } = flight;
      if ('error' in outcome) throw outcome.error;
      if (Object.entries(tags).every(([tag, generation]) => (outcome.tags[tag] ?? -1) >= generation)) return outcome.loaded;
      // It is of before an invalidation that this caller knows of.
      if (here.get(names.value) === flight) here.delete(names.value);
      continue;
    }
    options.signal?.throwIfAborted();
    const own: Flight = { aliveUntil: now() + lease };
    here.set(names.value, own);
    const flying = fly(asked, own).finally(() => {
      if (here.get(names.value) === own) here.delete(names.value);
    });
    // For the others, also where who asked for this has gone.
    asked.keepAlive(flying.catch(() => {}));
    return (await flying).loaded;
  }
}

async function fly(asked: Asked, flight: Flight): Promise<Outcome> {
  const { now, lease: length, names, kv } = asked;
  const since = now();
  const alive = () => (flight.aliveUntil = now() + length);
  for (;;) {
    const lease = await Lease.take({ kv, key: names.lease, now, length, renewed: alive });
    if (lease instanceof Lease) return lead(asked, flight, lease);
    for (let state: LeaseState | null = lease; state?.state === 'held' && state.until > now();) {
      await pause(asked, since, ELSEWHERE);
      alive();
      state = await Lease.read({ kv, key: names.lease });
      if (state?.state === 'failed') {
        const error = Object.assign(new Error(state.message), { name: state.name });
        flight.outcome = { loaded: failureOf(error), error, tags: {} };
        throw error;
      }
    }
    const { record, tags } = await look(asked);
    if (record !== null && ageOf(record, now()) === 'fresh') return (flight.outcome = { loaded: record, tags });
  }
}

/** Loads, unless another one has meanwhile. */
async function lead(asked: Asked, flight: Flight, lease: Lease): Promise<Outcome> {
  const { now, options } = asked;
  let seen: Seen | undefined;
  try {
    seen = await look(asked);
    if (seen.record !== null && ageOf(seen.record, now()) === 'fresh') {
      flight.outcome = { loaded: seen.record, tags: seen.tags };
    } else {
      const loaded = await load(asked);
      flight.outcome = { loaded, tags: seen.tags };
      await keep(asked, seen, loaded);
    }
    await lease.end({ state: 'done' });
    return flight.outcome;
  } catch (error) {
    // Who gave up says nothing of the key: another one may try.
    if (options.signal?.aborted) {
      await lease.end({ state: 'free' });
      throw error;
    }
    const loaded = failureOf(error);
    // Who waits in this cell gets the error as it is; elsewhere, what the lease says of it.
    flight.outcome = { loaded, error, tags: {} };
    // A value that may still be given is better than an error.
    if (seen !== undefined && (seen.record === null || ageOf(seen.record, now()) === 'none')) await keep(asked, seen, loaded);
    await lease.end({ state: 'failed', at: now(), ...nameOf(error) });
    throw error;
  }
}

async function load({ loader, options }: Asked): Promise<Loaded> {
  const signal = options.signal ?? new AbortController().signal;
  return loadedOf(await unlessAborted(signal, async () => loader({ signal })));
}

async function keep({ kv, key, names, options, now }: Asked, { revision, tags }: Seen, loaded: Loaded): Promise<void> {
  const { ttl, negativeTtl, errorTtl, swr } = options;
  const lasting = { json: ttl, bytes: ttl, buffer: ttl, null: negativeTtl, undefined: negativeTtl, error: errorTtl }[loaded.kind] * 1000;
  if (lasting === 0) return;
  const fresh = now() + lasting;
  const stale = loaded.kind === 'error' ? fresh : fresh + swr * 1000;
  try {
    await kv.put(names.value, bytesOf({ ...loaded, fresh, stale, tags }), {
      // What another one has written since is newer.
      ifRevision: revision,
      expirationTtl: Math.max(60, Math.ceil((stale - now()) / 1000) + 1),
    });
  } catch (error) {
    if (!isConflict(error)) console.error(`cached(): the value of ${JSON.stringify(key)} is not kept:`, error);
  }
}

/** Has a value loaded anew, unless another one does. Never rejects. */
async function refresh(asked: Asked, here: Map<string, Flight>): Promise<void> {
  const { kv, key, names, now, lease: length } = asked;
  const known = here.get(names.value);
  if (known !== undefined && known.aliveUntil > now()) return;
  const own: Flight = { aliveUntil: now() + length };
  here.set(names.value, own);
  try {
    const last = await Lease.read({ kv, key: names.lease });
    if (last?.state === 'failed' && now() - last.at < RETRY) return;
    const lease = await Lease.take({ kv, key: names.lease, now, length, renewed: () => (own.aliveUntil = now() + length) });
    if (lease instanceof Lease) await lead({ ...asked, options: { ...asked.options, signal: undefined } }, own, lease);
  } catch (error) {
    console.error(`cached(): ${JSON.stringify(key)} could not be loaded anew:`, error);
  } finally {
    if (here.get(names.value) === own) here.delete(names.value);
  }
}

function pause({ now, random, options: { signal } }: Asked, since: number, { share, least, most }: typeof HERE): Promise<void> {
  const ms = Math.min(most, Math.max(least, (now() - since) * share)) * (0.75 + random() / 2);
  return unlessAborted(signal, () => new Promise((resolve) => setTimeout(resolve, ms)));
}

async function unlessAborted<Value>(signal: AbortSignal | undefined, work: () => Promise<Value>): Promise<Value> {
  if (signal === undefined) return work();
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason as Error);
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([work(), aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
