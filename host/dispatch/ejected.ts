import type { Ejections } from '../gateway/limits/ejections.ts';
import type { AliasRecord } from '../registry/record.ts';
import { pickByKey } from '../registry/weights.ts';
import type { LoadedVersion } from './cell.ts';

interface Dealing {
  readonly loaded: ReadonlyMap<number, LoadedVersion>;
  /** By which a client is kept on one version; null where it is on none. */
  readonly key: string | null;
  readonly time: number;
  readonly ejections: Pick<Ejections, 'mostOf' | 'probe'>;
  readonly random: () => number;
}

/** The version that was dealt, or another where that one fails: whoever is kept on one by a key goes to the same other one. */
export function withoutEjected(target: AliasRecord, number: number, { loaded, key, time, ejections, random }: Dealing): number {
  const version = loaded.get(number);
  const most = version === undefined ? null : ejections.mostOf(version);
  if (most === null) return number;
  const left = target.versions.filter((each) => {
    const other = loaded.get(each.version);
    return other === undefined || ejections.mostOf(other) === null;
  });
  const weight = left.reduce((sum, each) => sum + each.weight, 0);
  // In hundredths of a percent, which sums are exact in.
  if (left.length === 0 || 10_000 - Math.round(weight * 100) > Math.round(most * 10_000) || ejections.probe(version!, time)) return number;
  if (key !== null) return pickByKey(left, key);
  let at = random() * weight;
  return (left.find((each) => (at -= each.weight) < 0) ?? left.at(-1)!).version;
}
