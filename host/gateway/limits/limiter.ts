import { BrinkError } from '../../errors.ts';
import type { Store } from '../../stores/store.ts';
import type { Algorithm, Meter, State, Verdict } from './meter.ts';

/** Lets requests through, as many as may come. */
export interface Limiter {
  /** @param key who counts, and by which limit */
  take(key: string, algorithm: Algorithm, meter: Meter): Promise<Verdict> | Verdict;
}

interface Known {
  readonly state: State;
  readonly until: number;
}

/** Those that nothing has to be known of any more go when there are so many. */
const MAX_KNOWN = 100_000;

/** Counts in memory: exact for one host, and forgotten with it. */
export function createMemoryLimiter(now: () => number): Limiter {
  const known = new Map<string, Known>();
  return {
    take(key, algorithm, meter) {
      const time = now();
      const { state, verdict, ttl } = algorithm(meter, known.get(key)?.state ?? null, time);
      if (!known.has(key) && known.size >= MAX_KNOWN) makeRoom(known, time);
      known.set(key, { state, until: time + ttl });
      return verdict;
    },
  };
}

/** Whoever floods with new keys has none of the others forgotten that still count, but for the oldest. */
function makeRoom(known: Map<string, Known>, time: number): void {
  for (const [key, { until }] of known) if (until <= time) known.delete(key);
  for (const key of known.keys()) {
    if (known.size < MAX_KNOWN) return;
    known.delete(key);
  }
}

const PREFIX = 'limits/';
/** Others write the same entry: each attempt that fails is one of theirs that did not. */
const MAX_ATTEMPTS = 200;
const utf8 = new TextEncoder();
const text = new TextDecoder();

export interface StoreLimiterOptions {
  readonly store: Pick<Store, 'get' | 'put'>;
  readonly now: () => number;
  readonly random: () => number;
  /** Whether requests of one host may wait for one another: then they come one after the other. */
  readonly shares: boolean;
}

/**
 * Counts in the store, by compare-and-set: exact for all hosts that have it, and after a crash of any of them. Their clocks
 * have to agree; what they differ by, a limit may be off by.
 */
export function createStoreLimiter({ store, now, random, shares }: StoreLimiterOptions): Limiter {
  const lines = new Map<string, Promise<unknown>>();

  const take = async (key: string, algorithm: Algorithm, meter: Meter): Promise<Verdict> => {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const entry = await store.get(PREFIX + key);
      const known = entry && (JSON.parse(text.decode(entry.value)) as State);
      const { state, verdict, ttl } = algorithm(meter, known, now());
      // Nothing has changed but the time.
      if (!verdict.allowed) return verdict;
      const put = await store.put(PREFIX + key, utf8.encode(JSON.stringify(state)), {
        ifRevision: entry?.revision ?? 0,
        ttl: Math.max(1, Math.ceil(ttl)),
      });
      if (put !== null) return verdict;
      await new Promise((resolve) => setTimeout(resolve, random() * Math.min(2 ** attempt, 50)));
    }
    throw new BrinkError('overloaded', 'Too many requests of one kind are counted at once.', { details: { retryAfter: 1 } });
  };

  return {
    take(key, algorithm, meter) {
      if (!shares) return take(key, algorithm, meter);
      const before = lines.get(key);
      const run = before === undefined ? take(key, algorithm, meter) : before.then(() => take(key, algorithm, meter));
      const settled = run
        .catch(() => {})
        .then(() => {
          if (lines.get(key) === settled) lines.delete(key);
        });
      lines.set(key, settled);
      return run;
    },
  };
}
