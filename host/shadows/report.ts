import { bucketOf } from '../releases/counts.ts';
import type { Answer, Difference, DifferenceKind } from './compare.ts';

/** What was counted of a shadow, in numbers that can be added up. As JSON in the store: plain data. */
export interface ShadowCounts {
  /** Requests that were drawn. */
  drawn: number;
  /** Those of them whose two answers were compared, as a whole. */
  compared: number;
  /** Those without any difference. */
  equal: number;
  /** Those whose differences were all noise: places where the live version had differed from itself before. */
  noise: number;
  different: number;
  /** Those that were not copied, by why. */
  readonly dropped: Record<string, number>;
  /** Those of which a part was not compared, by why; they are among `different` where the rest differed. */
  readonly uncompared: Record<string, number>;
  /** Of what is different: how many had such a difference. */
  readonly kinds: Partial<Record<DifferenceKind, number>>;
  /** By place; at most `MAX_PLACES`. */
  readonly places: Record<string, PlaceCounts>;
  /** Differences at places that are not among those. */
  elsewhere: number;
  readonly statuses: Sides<Record<string, number>>;
  /** How many answers took how long, by the number of a bucket; without those that waited for their cell to start. */
  readonly latency: Sides<Record<string, number>>;
  /** Writes that were kept off, by the kind of binding. */
  readonly writes: Record<string, number>;
}

export interface PlaceCounts {
  readonly kind: DifferenceKind;
  count: number;
  /** How often the live version differed from itself there. */
  self: number;
  /** The newest. */
  examples: readonly Example[];
}

export interface Example {
  readonly time: number;
  /** Of the live invocation. */
  readonly requestId: string;
  readonly live: string | null;
  readonly shadow: string | null;
}

interface Sides<Value> {
  readonly live: Value;
  readonly shadow: Value;
}

export const MAX_PLACES = 100;
const MAX_EXAMPLES = 3;

export function newCounts(): ShadowCounts {
  return {
    drawn: 0,
    compared: 0,
    equal: 0,
    noise: 0,
    different: 0,
    dropped: {},
    uncompared: {},
    kinds: {},
    places: {},
    elsewhere: 0,
    statuses: { live: {}, shadow: {} },
    latency: { live: {}, shadow: {} },
    writes: {},
  };
}

export interface Pair {
  readonly time: number;
  readonly requestId: string;
  readonly differences: readonly Difference[];
  /** Of the live version with itself; null where that was not asked for. */
  readonly self: readonly Difference[] | null;
  /** Why a part was not compared. */
  readonly uncompared: string | null;
}

/** Adds what two answers were. */
export function addPair(counts: ShadowCounts, { time, requestId, differences, self, uncompared }: Pair): void {
  for (const each of self ?? []) {
    const place = placeOf(counts, each);
    if (place !== null) place.self++;
  }
  const real = new Set<Difference>();
  const seen = new Set<string>();
  for (const each of differences) {
    const place = placeOf(counts, each);
    if (place === null) counts.elsewhere++;
    if (place === null || place.self === 0) real.add(each);
    // Of many items that differ alike, one counts.
    if (place === null || seen.has(each.place)) continue;
    seen.add(each.place);
    place.count++;
    place.examples = [{ time, requestId, live: each.live, shadow: each.shadow }, ...place.examples].slice(0, MAX_EXAMPLES);
  }
  for (const kind of new Set([...real].map((each) => each.kind))) counts.kinds[kind] = (counts.kinds[kind] ?? 0) + 1;
  if (uncompared !== null) bump(counts.uncompared, uncompared);
  else counts.compared++;
  if (real.size > 0) counts.different++;
  else if (uncompared === null && differences.length > 0) counts.noise++;
  else if (uncompared === null) counts.equal++;
}

export function addAnswer(counts: ShadowCounts, side: 'live' | 'shadow', { status, ms, cold }: Pick<Answer, 'status'> & Timed): void {
  bump(counts.statuses[side], String(status));
  if (!cold) bump(counts.latency[side], String(bucketOf(ms)));
}

export interface Timed {
  readonly ms: number;
  readonly cold: boolean;
}

export function bump<Name extends string>(counts: Partial<Record<Name, number>>, name: Name, by = 1): void {
  counts[name] = (counts[name] ?? 0) + by;
}

/** What several hosts have counted. */
export function sumOf(all: readonly ShadowCounts[]): ShadowCounts {
  const sum = newCounts();
  for (const each of all) {
    for (const name of ['drawn', 'compared', 'equal', 'noise', 'different', 'elsewhere'] as const) sum[name] += each[name];
    for (const [into, from] of [
      [sum.dropped, each.dropped],
      [sum.uncompared, each.uncompared],
      [sum.kinds, each.kinds],
      [sum.statuses.live, each.statuses.live],
      [sum.statuses.shadow, each.statuses.shadow],
      [sum.latency.live, each.latency.live],
      [sum.latency.shadow, each.latency.shadow],
      [sum.writes, each.writes],
    ] as [Record<string, number>, Record<string, number>][]) {
      for (const [name, count] of Object.entries(from)) bump(into, name, count);
    }
    for (const [name, { kind, count, self, examples }] of Object.entries(each.places)) {
      const place = placeOf(sum, { kind, place: name });
      if (place === null) sum.elsewhere += count;
      else
        Object.assign(place, { count: place.count + count, self: place.self + self, examples: newest([...place.examples, ...examples]) });
    }
  }
  return sum;
}

function newest(examples: readonly Example[]): Example[] {
  return examples.toSorted((a, b) => b.time - a.time).slice(0, MAX_EXAMPLES);
}

function placeOf(counts: ShadowCounts, { kind, place }: Pick<Difference, 'kind' | 'place'>): PlaceCounts | null {
  if (Object.hasOwn(counts.places, place)) return counts.places[place]!;
  if (Object.keys(counts.places).length >= MAX_PLACES) return null;
  return (counts.places[place] = { kind, count: 0, self: 0, examples: [] });
}
