import { BrinkError } from '../errors.ts';
import {
  MAX_HISTORY,
  MAX_VERSIONS,
  type AliasRecord,
  type FunctionRecord,
  type Sticky,
  type VersionEntry,
  type WeightedVersion,
} from './record.ts';
import { isActive, type Hand } from './release-record.ts';
import { checkRequired } from './secret-change.ts';
import { checkWeights } from './weights.ts';

/** The changes that a function's record can take, as pure functions: what they refuse, they throw. */

export function newRecord(name: string): FunctionRecord {
  return { name, versions: [], nextVersion: 1, aliases: {} };
}

export function addVersion(record: FunctionRecord, version: Omit<VersionEntry, 'number'>): FunctionRecord {
  if (record.versions.some(({ digest }) => digest === version.digest)) return record;
  if (record.versions.length >= MAX_VERSIONS) {
    throw new BrinkError(
      'version-limit',
      `${record.name} has ${MAX_VERSIONS} versions, which is the most. Remove old ones with \`brink rm ${record.name}@N\`.`,
    );
  }
  return { ...record, versions: [...record.versions, { number: record.nextVersion, ...version }], nextVersion: record.nextVersion + 1 };
}

export interface AliasTarget {
  readonly versions: readonly WeightedVersion[];
  /** Left as it is where undefined. */
  readonly sticky?: Sticky | null;
  /** Left as it is where undefined. */
  readonly warm?: number;
  /** The revision that the alias must have; 0: it must not exist. */
  readonly ifRevision?: number;
  /** Whose hand it is, for those who ask later. */
  readonly hand?: Hand;
}

export function moveAlias(record: FunctionRecord, alias: string, target: AliasTarget, now: number): FunctionRecord {
  checkWeights(target.versions);
  for (const { version } of target.versions) versionByNumber(record, version);
  const current = ownAlias(record, alias);
  checkRevision(record, alias, current, target.ifRevision);
  checkRequired(record, target.versions);
  const sticky = target.sticky === undefined ? (current?.sticky ?? null) : target.sticky;
  const warm = target.warm ?? current?.warm ?? 0;
  return withAlias(record, alias, { versions: target.versions, sticky, ...(warm > 0 && { warm }) }, current, now);
}

export function rollbackAlias(record: FunctionRecord, alias: string, now: number, ifRevision?: number): FunctionRecord {
  const current = aliasByName(record, alias);
  checkRevision(record, alias, current, ifRevision);
  const [last, ...earlier] = current.history;
  if (last === undefined) throw new BrinkError('rollback-unavailable', `${record.name}@${alias} has no earlier target to go back to.`);
  const gone = last.versions.find(({ version }) => !record.versions.some(({ number }) => number === version));
  if (gone) {
    throw new BrinkError(
      'rollback-unavailable',
      `${record.name}@${alias} cannot go back: version ${gone.version} has been removed. Move it with \`brink alias\`.`,
    );
  }
  checkRequired(record, last.versions);
  // What is rolled back from leaves the history, so that a second rollback goes one further back.
  const { warm, revision } = current;
  const kept = warm === undefined ? {} : { warm };
  const back = { versions: last.versions, sticky: last.sticky, ...kept, revision: revision + 1, movedAt: now, history: earlier };
  return { ...record, aliases: { ...record.aliases, [alias]: back } };
}

export function removeAlias(record: FunctionRecord, alias: string, ifRevision?: number): FunctionRecord {
  checkRevision(record, alias, aliasByName(record, alias), ifRevision);
  const { [alias]: _removed, ...aliases } = record.aliases;
  return { ...record, aliases };
}

export function removeVersion(record: FunctionRecord, number: number): FunctionRecord {
  versionByNumber(record, number);
  const users = Object.keys(record.aliases).filter((alias) => record.aliases[alias]!.versions.some(({ version }) => version === number));
  if (users.length > 0) {
    throw new BrinkError('version-in-use', `Version ${number} of ${record.name} is what ${users.join(', ')} names. Move the alias first.`, {
      details: { aliases: users },
    });
  }
  const release = record.releases?.find((each) => isActive(each) && (each.to === number || each.from === number));
  if (release) {
    throw new BrinkError(
      'version-in-use',
      `Version ${number} of ${record.name} is needed by release ${release.id}. End that first with \`brink release abort ${record.name}\`.`,
      { details: { release: release.id } },
    );
  }
  return { ...record, versions: record.versions.filter((version) => version.number !== number) };
}

export function versionByNumber(record: FunctionRecord, number: number): VersionEntry {
  const version = record.versions.find((entry) => entry.number === number);
  if (version) return version;
  throw new BrinkError(
    'version-not-found',
    `${record.name} has no version ${number}. \`brink inspect ${record.name}\` lists what it has.`,
    {
      details: { function: record.name, version: number },
    },
  );
}

export function aliasByName(record: FunctionRecord, alias: string): AliasRecord {
  const found = ownAlias(record, alias);
  if (found) return found;
  throw new BrinkError('alias-not-found', `${record.name} has no alias ${alias}. Make it with \`brink alias ${record.name} ${alias}=N\`.`, {
    details: { function: record.name, alias },
  });
}

/** The alias that a publish moves or makes. */
export function aliasFor({ aliases }: FunctionRecord, wanted: string | undefined): string | null {
  return wanted ?? (Object.keys(aliases).length === 0 ? 'live' : null);
}

/** The record with all of an alias's weight on one version; as it is, where it lies there already. */
export function pointAt(record: FunctionRecord, alias: string, wanted: string, now: number): FunctionRecord {
  const { number } = record.versions.find(({ digest }) => digest === wanted)!;
  const current = Object.hasOwn(record.aliases, alias) ? record.aliases[alias]!.versions : undefined;
  if (current?.length === 1 && current[0]!.version === number) return record;
  return moveAlias(record, alias, { versions: [{ version: number, weight: 100 }] }, now);
}

/** An alias may be called "constructor". */
function ownAlias(record: FunctionRecord, alias: string): AliasRecord | undefined {
  return Object.hasOwn(record.aliases, alias) ? record.aliases[alias] : undefined;
}

function checkRevision(record: FunctionRecord, alias: string, current: AliasRecord | undefined, wanted: number | undefined): void {
  const revision = current?.revision ?? 0;
  if (wanted === undefined || wanted === revision) return;
  throw new BrinkError(
    'alias-conflict',
    `${record.name}@${alias} has moved meanwhile: it is at revision ${revision}, not ${wanted}. Look again, then move it.`,
    {
      details: { revision, versions: current?.versions ?? [] },
    },
  );
}

function withAlias(
  record: FunctionRecord,
  alias: string,
  target: Pick<AliasRecord, 'versions' | 'sticky' | 'warm'>,
  current: AliasRecord | undefined,
  now: number,
): FunctionRecord {
  const history = current
    ? [
        { versions: current.versions, sticky: current.sticky, revision: current.revision, movedAt: current.movedAt },
        ...current.history,
      ].slice(0, MAX_HISTORY)
    : [];
  const moved: AliasRecord = { ...target, revision: (current?.revision ?? 0) + 1, movedAt: now, history };
  return { ...record, aliases: { ...record.aliases, [alias]: moved } };
}
