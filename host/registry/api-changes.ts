import { BrinkError } from '../errors.ts';
import type { ApiChange } from '../openapi/changes/change.ts';
import { compareDocuments } from '../openapi/changes/compare.ts';
import { versionByNumber } from './change.ts';
import type { FunctionRecord, VersionEntry, VersionOpenApi, WeightedVersion } from './record.ts';
import type { Hand } from './release-record.ts';

/** What those who call notice where an alias goes over from one version to another: what breaks, and what may. */
export interface ApiComparison {
  readonly from: number;
  readonly to: number;
  readonly changes: readonly ApiChange[];
}

/** A version as far as its document goes; one that is just published is none yet. */
export interface Described {
  readonly number: number;
  readonly openapi?: VersionOpenApi;
  /** Its document; null where it has none. */
  readonly read: () => Promise<unknown>;
}

export interface ApiMove {
  readonly alias: string | null;
  /** The versions that come; those that the alias names already come from nowhere. */
  readonly to: readonly Described[];
  /** That of whoever moves it; without one nothing is refused. */
  readonly hand?: Hand | undefined;
}

/** Pairs of versions that one move compares. */
const MAX_PAIRS = 10;

/** What the documents of versions say of moves of an alias. */
export class ApiChanges {
  readonly #read: (version: VersionEntry) => Promise<unknown>;

  constructor(read: (version: VersionEntry) => Promise<unknown>) {
    this.#read = read;
  }

  /**
   * Compares the documents of the versions that an alias names with those of the versions that come to it. A version that says
   * `breaking = "allow"` is not compared; neither are two that describe the same.
   *
   * @throws {BrinkError} `breaking-change` where something breaks for those who call, a version that comes says `breaking = "refuse"`,
   * and whoever moves the alias does not say that it may
   */
  async of(record: FunctionRecord, { alias, to, hand }: ApiMove): Promise<ApiComparison[]> {
    if (alias === null) return [];
    const compared: ApiComparison[] = [];
    const left = leftBy(record, alias).map((version) => this.describe(version));
    const pairs = to.flatMap((next) => left.map((last) => ({ last, next }))).filter(({ last, next }) => isOther(last, next));
    for (const { last, next } of pairs.slice(0, MAX_PAIRS)) {
      const changes = (await this.between(last, next)).filter(({ severity }) => severity !== 'compatible');
      if (changes.length === 0) continue;
      const comparison = { from: last.number, to: next.number, changes };
      const refused = next.openapi?.breaking === 'refuse' && hand !== undefined && hand.allowBreaking !== true;
      if (refused) refuseBreaking(record.name, alias, comparison);
      compared.push(comparison);
    }
    return compared;
  }

  /** The same of versions that are there. @throws {BrinkError} `version-not-found`, `breaking-change` */
  ofMove(
    record: FunctionRecord,
    { alias, versions, hand }: { alias: string | null; versions: readonly { readonly version: number }[]; hand?: Hand | undefined },
  ): Promise<ApiComparison[]> {
    const named = new Set(namedBy(record, alias).map(({ version }) => version));
    const coming = versions.filter(({ version }) => !named.has(version));
    return this.of(record, { alias, to: coming.map(({ version }) => this.describe(versionByNumber(record, version))), hand });
  }

  /** All changes between two versions, also those that nobody need mind. */
  async between(from: Described, to: Described): Promise<ApiChange[]> {
    if (from.openapi?.digest === to.openapi?.digest) return [];
    return compareDocuments(await from.read(), await to.read());
  }

  describe(version: VersionEntry): Described {
    const { number, openapi } = version;
    return { number, ...(openapi && { openapi }), read: async () => (openapi === undefined ? null : this.#read(version)) };
  }
}

/** The versions that an alias names, with most weight first, each document once. */
function leftBy(record: FunctionRecord, alias: string): VersionEntry[] {
  const entries = namedBy(record, alias)
    .toSorted((a, b) => b.weight - a.weight)
    .flatMap(({ version }) => record.versions.find(({ number }) => number === version) ?? []);
  const digests = entries.map(({ openapi }) => openapi?.digest);
  return entries.filter((_entry, index) => digests.indexOf(digests[index]) === index);
}

function namedBy({ aliases }: FunctionRecord, alias: string | null): readonly WeightedVersion[] {
  return alias !== null && Object.hasOwn(aliases, alias) ? aliases[alias]!.versions : [];
}

function isOther(last: Described, next: Described): boolean {
  return last.number !== next.number && last.openapi?.digest !== next.openapi?.digest && next.openapi?.breaking !== 'allow';
}

function refuseBreaking(name: string, alias: string, { from, to, changes }: ApiComparison): void {
  const breaking = changes.filter(({ severity }) => severity === 'breaking');
  if (breaking.length === 0) return;
  const what = breaking.length === 1 ? 'a change breaks' : `${breaking.length} changes break`;
  throw new BrinkError(
    'breaking-change',
    `${name}@${alias} does not go from version ${from} to ${to}: ${what} those who call it. Keep what they use, or move it all the same with \`--allow-breaking\`.`,
    { details: { function: name, alias, from, to, changes } },
  );
}
