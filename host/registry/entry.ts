import { schedulesOf } from './declared.ts';
import { liveNames } from './live-tables.ts';
import type { Manifest } from './manifest.ts';
import type { VersionEntry } from './record.ts';
import { requiredSecrets } from './secret-change.ts';

type Entry = Omit<VersionEntry, 'number'>;

/** The entry of a version that is published: what is known of it, and what its manifest says. */
export function entryOf(
  manifest: Manifest,
  own: Pick<Entry, 'digest' | 'artifact' | 'createdAt' | 'tag' | 'size' | 'handlers' | 'openapi'>,
): Entry {
  return {
    ...own,
    crons: manifest.triggers.crons,
    ...liveNames(manifest),
    ...schedulesOf(manifest),
    ...requiredSecrets(manifest),
    ...(manifest.scaling?.min_cells && { minCells: manifest.scaling.min_cells }),
  };
}
