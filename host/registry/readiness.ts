import type { LoadedVersion } from '../dispatch/cell.ts';
import type { AliasTarget } from './change.ts';
import type { Manifest } from './manifest.ts';
import type { FunctionRecord, VersionEntry } from './record.ts';

/** Has versions ready before calls come to them. */
export interface Readiness {
  /** Whether this host can have cells of a version at all. @throws {BrinkError} `unsupported` */
  check(manifest: Manifest): void;
  /** A cell of it has started, and answers. What it throws refuses the move of the alias. */
  ready(version: LoadedVersion): Promise<void>;
  /** A cell of it has started, if it can. */
  warm(version: LoadedVersion): Promise<void>;
  /** What a version answers that is asked for its OpenAPI document, as its manifest says. @throws {BrinkError} `openapi-failed`, `unsupported` */
  openapi(version: LoadedVersion): Promise<Uint8Array>;
  /** What was to be a version is none. */
  discard(artifact: string): void;
}

/** Of the versions that a move leads to, those that the alias does not name now. */
export function newlyNamed(record: FunctionRecord, alias: string, { versions }: Pick<AliasTarget, 'versions'>): VersionEntry[] {
  const named = Object.hasOwn(record.aliases, alias) ? record.aliases[alias]!.versions : [];
  return versions
    .filter(({ version }) => !named.some((each) => each.version === version))
    .map(({ version }) => record.versions.find(({ number }) => number === version)!);
}

/**
 * Whether a version that is published has to be ready before the alias names it: where it takes calls over from another, and
 * where it says how it is asked. The first of a function was loaded for its publish already, and no call waits for it.
 */
export function mustBeReady(record: FunctionRecord, alias: string | null, { health }: Manifest): boolean {
  return alias !== null && (health !== undefined || Object.hasOwn(record.aliases, alias));
}

/** The same for what is no version yet, and is to leave nothing behind where it fails. */
export async function readyOrGone(readiness: Readiness, version: LoadedVersion): Promise<void> {
  try {
    await readiness.ready(version);
  } catch (error) {
    readiness.discard(version.artifact);
    throw error;
  }
}

/**
 * How many cells versions are to have though nothing calls them, by number: what an alias that names them asks for, by weight,
 * or they themselves. Both versions of a release that is under way have one: the new one is not to be slow with its first
 * requests, and the old one is the way back.
 */
export function warmthOf({ aliases, versions, releases = [] }: FunctionRecord): Map<number, number> {
  const warmth = new Map<number, number>();
  for (const { from, to, state } of releases) {
    if (state === 'running' || state === 'paused') for (const version of [from, to]) warmth.set(version, 1);
  }
  for (const { versions: named, warm = 0 } of Object.values(aliases)) {
    for (const { version, weight } of named) {
      const own = versions.find(({ number }) => number === version)?.minCells ?? 0;
      const cells = Math.max(own, Math.ceil((warm * weight) / 100), warmth.get(version) ?? 0);
      if (cells > 0) warmth.set(version, cells);
    }
  }
  return warmth;
}
