import { endOf, quantileBucket } from '../releases/counts.ts';
import type { PlaceCounts, ShadowCounts } from './report.ts';

/** What was counted, as people read it. */
export interface ShownReport extends Omit<ShadowCounts, 'places' | 'statuses' | 'latency'> {
  readonly places: readonly ShownPlace[];
  readonly live: ShownSide;
  readonly shadow: ShownSide;
}

export interface ShownPlace extends PlaceCounts {
  readonly place: string;
}

interface ShownSide {
  readonly statuses: Readonly<Record<string, number>>;
  readonly p50: number | null;
  readonly p95: number | null;
}

export function shownReport({ places, statuses, latency, ...counts }: ShadowCounts): ShownReport {
  const side = (name: 'live' | 'shadow'): ShownSide => ({
    statuses: statuses[name],
    p50: quantile(latency[name], 0.5),
    p95: quantile(latency[name], 0.95),
  });
  return {
    ...counts,
    places: Object.entries(places)
      .map(([place, each]) => ({ place, ...each }))
      // Noise last.
      .toSorted((a, b) => Number(a.self > 0) - Number(b.self > 0) || b.count - a.count),
    live: side('live'),
    shadow: side('shadow'),
  };
}

function quantile(latency: Readonly<Record<string, number>>, share: number): number | null {
  const bucket = quantileBucket({ requests: 0, errors: 0, latency }, share);
  return bucket === null ? null : Math.round(endOf(bucket) * 100) / 100;
}
