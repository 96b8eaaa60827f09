import { waitUntil } from 'cloudflare:workers';
import { createCached } from './cached-flights.ts';
import { tagsOf, tagKey } from './cached-record.ts';
import type { KVNamespace } from './kv.ts';

/** How `cached` keeps what a loader gives. All times are in seconds, and may be fractions. */
export interface CachedOptions {
  /** For how long a value is fresh; more than 0. */
  readonly ttl: number;
  /** For how long after that it is still given, while one caller has it loaded anew after its response; 0 by default. */
  readonly swr?: number;
  /** For how long it is kept that the loader gave null or undefined; `ttl` by default, and 0 keeps nothing. */
  readonly negativeTtl?: number;
  /** For how long a failure of the loader is kept, and thrown at each call; 0 by default, which keeps none. */
  readonly errorTtl?: number;
  /** Names by which `invalidate` finds it: up to 100, of 1 to 500 bytes each. */
  readonly tags?: readonly string[];
  /**
   * Ends this call: it rejects with the signal's reason. Where it is this call's loader that runs, another caller that
   * waits has its own run instead.
   */
  readonly signal?: AbortSignal | null;
  /**
   * As that of KV, 30 or more: within so many seconds a value and its tags may come from the cell's memory, so that
   * `invalidate` in another cell takes effect so much later. Without it each call reads them anew.
   */
  readonly cacheTtl?: number;
}

/** What makes the value of a key. `signal` is aborted with the one of the options. */
export type Loader<Value> = (context: { readonly signal: AbortSignal }) => Value | Promise<Value>;

/**
 * The value of a key: from the namespace while it is fresh, and else from `loader`, which one caller runs for all.
 *
 * **Single flight.** Of all who miss a key at once, in whatever cells and hosts share the namespace, one runs its loader,
 * under a lease of 10 seconds that it renews; the others wait for what it gives, and get it. Where it throws, they throw an
 * error with its message too. Where it dies, the lease ends, and one of those who wait takes its place. A host whose clock
 * is off by more than the lease, or a loader that keeps its thread busy for longer, may have a loader run twice.
 *
 * **Values** are what JSON keeps of them, also for the caller whose loader ran: a `Date` comes back as a string. Null,
 * undefined, an `ArrayBuffer` and a `Uint8Array` come back as what they are. Each caller has a copy of its own. Up to 25
 * MiB: what is larger, or has no room (`quota-exceeded`), is given to who waits in the same cell and not kept, and the
 * function's log says so.
 *
 * **Stale while revalidate.** Within `swr` seconds after `ttl`, callers get the value that is there at once, and one of
 * them has a new one loaded, kept alive by `waitUntil`. A failure of that is logged, and tried again a second later at the
 * soonest.
 *
 * **Keys** of any length; those of more than 480 bytes are hashed. In the namespace all that belongs to this begins with
 * `cached/`; beside it there is room for other keys.
 *
 * @throws what the loader threw; {TypeError} for options that are none, {Error} where the namespace cannot be reached, and
 *   the reason of `signal`
 *
 * @example
 * ```ts
 * const rates = await cached(env.CACHE, 'rates', { ttl: 60, swr: 600, tags: ['rates'] }, async ({ signal }) =>
 *   (await fetch('https://rates.example/latest', { signal })).json(),
 * );
 * ```
 */
export const cached: <Value>(kv: KVNamespace, key: string, options: CachedOptions, loader: Loader<Value>) => Promise<Value> = createCached({
  // Looked up each time, so that a test may hold the date.
  now: () => Date.now(),
  random: Math.random,
  lease: 10_000,
  keepAlive: waitUntil,
});

/**
 * Has every value that was kept with one of these tags loaded anew, in all cells and hosts (with `cacheTtl`, so much later).
 * What a loader gives that began before this is not taken for fresh. It takes a write for each tag, however many values
 * have it.
 *
 * @example
 * ```ts
 * await invalidate(env.CACHE, { tags: ['rates'] });
 * ```
 */
export async function invalidate(kv: KVNamespace, { tags }: { readonly tags: readonly string[] }): Promise<void> {
  await Promise.all(tagsOf(tags).map((tag) => kv.increment(tagKey(tag))));
}
