/** How a limit stands after a request, or would. */
export interface Verdict {
  readonly allowed: boolean;
  /** Requests that would be let through now. */
  readonly remaining: number;
  /** Milliseconds until all that may come at once may come again. */
  readonly reset: number;
  /** Milliseconds until the next one is let through; 0 where it would be now. */
  readonly retry: number;
}

export interface Meter {
  readonly limit: number;
  /** Milliseconds. */
  readonly period: number;
  readonly burst: number;
}

/** What is known of one that counts: numbers, whose meaning is the algorithm's. */
export type State = readonly number[];

export interface Taken {
  readonly state: State;
  readonly verdict: Verdict;
  /** Milliseconds after which nothing has to be known of it any more. */
  readonly ttl: number;
}

/** Takes one request from what may come. @param state null where nothing is known */
export type Algorithm = (meter: Meter, state: State | null, now: number) => Taken;

/**
 * A token bucket as one time: when it would be full again (GCRA, the generic cell rate algorithm of ITU-T I.371). Exact, and
 * the same whoever writes it down.
 */
export const tokenBucket: Algorithm = ({ limit, period, burst }, state, now) => {
  const each = period / limit;
  const full = Math.max(now, state?.[0] ?? now);
  const next = full + each;
  const allowed = next - now <= burst * each + 1e-6;
  const at = allowed ? next : full;
  const left = Math.max(0, Math.floor((burst * each - (at - now)) / each + 1e-9));
  return {
    state: [at],
    verdict: { allowed, remaining: left, reset: at - now, retry: left > 0 ? 0 : Math.max(0, at + each - burst * each - now) },
    ttl: at - now,
  };
};

/** Two counters, of this period and of the one before it, which counts by how much of it lies in the last `period`. */
export const slidingWindow: Algorithm = ({ limit, period }, state, now) => {
  const start = Math.floor(now / period) * period;
  const [known = start, before = 0, here = 0] = state ?? [];
  const previous = known === start ? before : known === start - period ? here : 0;
  const current = known === start ? here : 0;
  const passed = (now - start) / period;
  const used = previous * (1 - passed) + current;
  const allowed = used + 1 <= limit + 1e-9;
  const count = allowed ? current + 1 : current;
  const after = previous * (1 - passed) + count;
  const remaining = Math.max(0, Math.floor(limit - after + 1e-9));
  return {
    state: [start, previous, count],
    verdict: {
      allowed,
      remaining,
      reset: start + 2 * period - now,
      retry: remaining > 0 ? 0 : untilRoom({ limit, previous, count, passed }) * period,
    },
    ttl: start + 2 * period - now,
  };
};

/** Periods until there is room for one. */
function untilRoom({ limit, previous, count, passed }: { limit: number; previous: number; count: number; passed: number }): number {
  // In this period, as the one before counts less and less…
  if (count + 1 <= limit && previous > 0) return Math.max(0, 1 - (limit - 1 - count) / previous - passed);
  // …or in the next, in which this one does.
  return 1 - passed + Math.max(0, 1 - (limit - 1) / count);
}
