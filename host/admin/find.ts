import { BrinkError } from '../errors.ts';
import { aliasByName, versionByNumber } from '../registry/change.ts';
import type { FunctionRecord, VersionEntry } from '../registry/record.ts';
import { readsAsVersion, versionByReference } from '../registry/reference.ts';

/** The version that a number, a digest's first digits or an alias names; of several in an alias, the one with most weight. */
export function findVersion(record: FunctionRecord, reference: string): VersionEntry {
  const version = findOwnVersion(record, reference);
  if (version) return version;
  const [heaviest] = aliasByName(record, reference).versions.toSorted((a, b) => b.weight - a.weight);
  return versionByNumber(record, heaviest!.version);
}

/** The version that a number or a digest names; undefined where the reference can only be an alias. */
export function findOwnVersion(record: FunctionRecord, reference: string): VersionEntry | undefined {
  const version = versionByReference(record, reference);
  if (version || !readsAsVersion(reference)) return version;
  throw new BrinkError(
    'version-not-found',
    `${record.name} has no version ${reference}. \`brink inspect ${record.name}\` lists what it has.`,
    {
      details: { function: record.name, version: reference },
    },
  );
}
