/** What a version did with its requests, in numbers that can be added up. As JSON in the store: plain data. */
export interface Counts {
  readonly requests: number;
  /** Those that failed by the function's doing: a status of 500 and above, or an error of the host's. */
  readonly errors: number;
  /** How many requests took how long, by the number of a bucket. */
  readonly latency: Readonly<Record<string, number>>;
}

/** The same while it grows. */
export interface Tally {
  requests: number;
  errors: number;
  readonly latency: Map<number, number>;
}

/** Of the version that was there, and of the one that is to take its place. */
export interface Pair<Value = Counts> {
  readonly old: Value;
  readonly new: Value;
}

/** Buckets for each doubling of a duration: a bucket's ends are 2.2 % apart. */
const PER_DOUBLING = 32;
/** What is shorter than 2 ** -6 ms (16 µs) is not told apart. */
const SHORTEST = -6 * PER_DOUBLING;

export const NOTHING: Counts = { requests: 0, errors: 0, latency: {} };

export function newTally(): Tally {
  return { requests: 0, errors: 0, latency: new Map() };
}

export function addTo(tally: Tally, durationMs: number, failed: boolean): void {
  const bucket = bucketOf(durationMs);
  tally.requests++;
  if (failed) tally.errors++;
  tally.latency.set(bucket, (tally.latency.get(bucket) ?? 0) + 1);
}

export function countsOf({ requests, errors, latency }: Tally): Counts {
  return { requests, errors, latency: Object.fromEntries(latency) };
}

/** The bucket whose upper end is the first that is at least so many ms. */
export function bucketOf(ms: number): number {
  // What stands for an end is that end, and not the next bucket by a rounding error.
  return ms > 0 ? Math.max(SHORTEST, Math.ceil(Math.log2(ms) * PER_DOUBLING - 1e-9)) : SHORTEST;
}

/** Its upper end, in ms. */
export function endOf(bucket: number): number {
  return 2 ** (bucket / PER_DOUBLING);
}

export function sumOf(all: readonly Counts[]): Counts {
  const latency: Record<string, number> = {};
  for (const each of all) for (const [bucket, count] of Object.entries(each.latency)) latency[bucket] = (latency[bucket] ?? 0) + count;
  return { requests: total(all, 'requests'), errors: total(all, 'errors'), latency };
}

/** What has come since; never less than nothing, as where a host's counts have got lost. */
export function since(now: Counts, then: Counts): Counts {
  const latency: Record<string, number> = {};
  for (const [bucket, count] of Object.entries(now.latency)) {
    const more = count - (then.latency[bucket] ?? 0);
    if (more > 0) latency[bucket] = more;
  }
  return { requests: Math.max(0, now.requests - then.requests), errors: Math.max(0, now.errors - then.errors), latency };
}

/** How many took longer than a bucket's upper end. */
export function above({ latency }: Counts, bucket: number): number {
  let count = 0;
  for (const [each, times] of Object.entries(latency)) if (Number(each) > bucket) count += times;
  return count;
}

/** The bucket that a share of all requests lies in or below; null where there are none. */
export function quantileBucket({ latency }: Counts, share: number): number | null {
  const sorted = Object.entries(latency)
    .map(([bucket, count]) => [Number(bucket), count] as const)
    .toSorted(([a], [b]) => a - b);
  const wanted = sorted.reduce((sum, [, count]) => sum + count, 0) * share;
  let upTo = 0;
  for (const [bucket, count] of sorted) {
    upTo += count;
    if (upTo >= wanted) return bucket;
  }
  return null;
}

function total(all: readonly Counts[], key: 'requests' | 'errors'): number {
  return all.reduce((sum, each) => sum + each[key], 0);
}
