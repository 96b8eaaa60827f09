import { cookieOf } from '../gateway/header-lines.ts';
import { canonicalJson } from '../registry/artifact.ts';
import { aliasByName, versionByNumber } from '../registry/change.ts';
import type { AliasRecord, FunctionRecord, VersionEntry } from '../registry/record.ts';
import { versionByReference } from '../registry/reference.ts';
import type { RuleSet } from '../registry/operator-rules.ts';
import type { Registry } from '../registry/registry.ts';
import type { Ejections } from '../gateway/limits/ejections.ts';
import { createDeck, pickByKey } from '../registry/weights.ts';
import { BrinkError, isUnavailable } from '../errors.ts';
import type { LoadedVersion } from './cell.ts';
import { withoutEjected } from './ejected.ts';

/** What a request says about the version that it wants. */
export interface Wish {
  /** An alias or a version; null: `live`. */
  readonly reference: string | null;
  /** `Brink-Version`: a version instead of the alias's choice, for tests. */
  readonly override: string | null;
  /** What keeps a client on one version. */
  header(name: string): string | null;
  readonly address: string | null;
}

/** Of a call that has no client which could be kept on one version. */
export function wishFor(reference: string | null): Wish {
  return { reference, override: null, header: () => null, address: null };
}

export interface Chosen {
  readonly version: LoadedVersion;
  readonly alias: string | null;
  /** What an operator has set before all versions of the function; null, or not there: nothing. */
  readonly rules?: RuleSet | null;
  /** The client has named it instead of what the alias would have dealt. */
  readonly forced?: true;
}

interface Known {
  readonly record: FunctionRecord;
  /** Those of the record. */
  readonly rules: RuleSet | null;
  readonly readAt: number;
  /** By alias; for batches of a queue by both, with a slash between. */
  readonly decks: Map<string, () => number>;
  readonly loaded: Map<number, LoadedVersion>;
}

const LIVE = 'live';

export interface FunctionsOptions {
  readonly registry: Registry;
  readonly now: () => number;
  readonly random: () => number;
  /** `Platform.registryMaxAge` */
  readonly maxAge: number;
  /** Told of each record that is read; null where there is none. */
  readonly read?: (name: string, record: FunctionRecord | null) => void;
  /** Versions that requests are kept from, where their alias has others. */
  readonly ejections: Pick<Ejections, 'any' | 'mostOf' | 'probe'>;
}

/** What the dispatcher knows of the registry: read once, so that a request on a known version waits for nothing. */
export class Functions {
  readonly #registry: Registry;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #maxAge: number;
  readonly #told: NonNullable<FunctionsOptions['read']>;
  readonly #ejections: FunctionsOptions['ejections'];
  readonly #known = new Map<string, Known>();
  /** Answers no one any more; what is still so of it goes over into what is read next. */
  readonly #forgotten = new Map<string, Known>();
  #changes = 0;

  constructor({ registry, now, random, maxAge, ejections, read = () => {} }: FunctionsOptions) {
    this.#registry = registry;
    this.#now = now;
    this.#random = random;
    this.#maxAge = maxAge;
    this.#told = read;
    this.#ejections = ejections;
  }

  /**
   * The version that answers. What is known is given at once; else a promise.
   *
   * @throws {BrinkError} `function-not-found`, `alias-not-found`, `version-not-found`
   */
  choose(name: string, wish: Wish, time = this.#now()): Chosen | Promise<Chosen> {
    const known = this.#of(name, time);
    return known instanceof Promise ? known.then((fresh) => this.#choose(fresh, wish, time)) : this.#choose(known, wish, time);
  }

  /**
   * The version that a batch goes to: the one that it is bound to, where that is there and consumes the queue; else the one
   * that `live` deals, or another of `live` where that does not consume it.
   *
   * @throws {BrinkError} `function-not-found`, `alias-not-found`, `version-not-found` where none consumes it
   */
  async chooseConsumer(name: string, queue: string, bound: number | null): Promise<Chosen> {
    const known = await this.#of(name);
    const consumes = consumersOf(known.record, queue);
    if (bound !== null && consumes(bound)) return this.#loadNumber(known, bound, LIVE);
    const target = aliasByName(known.record, LIVE);
    // Of a deck of their own: a request that sends a message takes a card too, and then its batch would go to the other version.
    const dealt = this.#deal(known, `${LIVE}/${queue}`, target);
    const number = consumes(dealt) ? dealt : heaviest(target, consumes);
    if (number !== undefined) return this.#loadNumber(known, number, LIVE);
    throw new BrinkError('version-not-found', `No version of ${name}@${LIVE} consumes the queue ${queue}.`, { details: { queue } });
  }

  /** A version, whatever names it. @throws {BrinkError} `function-not-found`, `version-not-found` */
  async byNumber(name: string, number: number): Promise<LoadedVersion> {
    const known = await this.#of(name);
    return (await this.#load(known, versionByNumber(known.record, number), null)).version;
  }

  /** The version of `live` that says how a queue is consumed: of those that do, the one with the most weight. */
  async consumer(name: string, queue: string): Promise<LoadedVersion | null> {
    const known = await this.#of(name);
    const { aliases } = known.record;
    const target = Object.hasOwn(aliases, LIVE) ? aliases[LIVE] : undefined;
    const number = target && heaviest(target, consumersOf(known.record, queue));
    return number === undefined ? null : (await this.#loadNumber(known, number, LIVE)).version;
  }

  /** The function's record has changed. */
  forget(name: string): void {
    this.#changes++;
    const known = this.#known.get(name);
    if (known) this.#forgotten.set(name, known);
    this.#known.delete(name);
  }

  /**
   * A function's record has changed elsewhere, or any of them where it is null. What is known of it answers until it is
   * read again, and where that fails for want of the store.
   */
  expire(name: string | null): void {
    this.#changes++;
    for (const [each, known] of this.#known) {
      if (name === null || each === name) this.#known.set(each, { ...known, readAt: -Infinity });
    }
  }

  #of(name: string, time = this.#now()): Known | Promise<Known> {
    const known = this.#known.get(name);
    return known === undefined || time - known.readAt > this.#maxAge ? this.#read(name) : known;
  }

  #choose(known: Known, wish: Wish, time: number): Chosen | Promise<Chosen> {
    const { record } = known;
    const named = wish.reference === null ? undefined : versionByReference(record, wish.reference);
    if (named) return this.#load(known, named, null);
    const alias = wish.reference ?? 'live';
    const target = aliasByName(record, alias);
    if (wish.override !== null) return forced(this.#load(known, overriding(record, wish.override), alias));
    const number = this.#pick(known, alias, target, wish);
    if (!this.#ejections.any) return this.#loadNumber(known, number, alias);
    const key = (target.sticky && stickyKey(target.sticky, wish)) || null;
    const { loaded } = known;
    const dealt = withoutEjected(target, number, { loaded, key, time, ejections: this.#ejections, random: this.#random });
    return this.#loadNumber(known, dealt, alias);
  }

  #pick(known: Known, alias: string, target: AliasRecord, wish: Wish): number {
    if (target.versions.length === 1) return target.versions[0]!.version;
    const key = target.sticky && stickyKey(target.sticky, wish);
    return key ? pickByKey(target.versions, key) : this.#deal(known, alias, target);
  }

  #deal({ decks }: Known, name: string, { versions }: AliasRecord): number {
    let deck = decks.get(name);
    if (deck === undefined) decks.set(name, (deck = createDeck(versions, this.#random)));
    return deck();
  }

  #loadNumber(known: Known, number: number, alias: string): Chosen | Promise<Chosen> {
    const loaded = known.loaded.get(number);
    return loaded
      ? { version: loaded, alias, rules: known.rules }
      : this.#load(
          known,
          known.record.versions.find((each) => each.number === number)!,
          alias,
        );
  }

  #load(known: Known, entry: VersionEntry, alias: string | null): Chosen | Promise<Chosen> {
    const loaded = known.loaded.get(entry.number);
    if (loaded) return { version: loaded, alias, rules: known.rules };
    return this.#registry.load(known.record, entry).then((version) => {
      // Another request may have been faster; both must get the same object, as cells go by it.
      const first = known.loaded.get(entry.number) ?? version;
      known.loaded.set(entry.number, first);
      return { version: first, alias, rules: known.rules };
    });
  }

  async #read(name: string): Promise<Known> {
    const readAt = this.#now();
    const changes = this.#changes;
    const before = this.#known.get(name);
    // Those who come while this read is under way go on with what was known.
    if (before) this.#known.set(name, { ...before, readAt });
    const { record, rules } = await this.#find(name, before).catch((error: unknown) => {
      // Cut off from the store, a host goes on with what it knows.
      if (before && isUnavailable(error)) return before;
      throw error;
    });
    this.#told(name, record);
    if (record === null) {
      this.#known.delete(name);
      this.#forgotten.delete(name);
      throw new BrinkError('function-not-found', `There is no function ${JSON.stringify(name)} here.`, { details: { function: name } });
    }
    const known = renewed(this.#known.get(name) ?? before ?? this.#forgotten.get(name), { record, rules, readAt });
    // What changed while it was read may not be in it: then it serves those who asked before, and no one after.
    if (changes === this.#changes) {
      this.#known.set(name, known);
      this.#forgotten.delete(name);
    }
    return known;
  }

  async #find(
    name: string,
    before: Known | undefined,
  ): Promise<{ readonly record: FunctionRecord | null; readonly rules: RuleSet | null }> {
    const record = await this.#registry.find(name);
    const known = before ?? this.#forgotten.get(name);
    return { record, rules: record?.gateway === undefined ? null : await this.#registry.rules.read(record.gateway, known?.rules ?? null) };
  }
}

function forced(chosen: Chosen | Promise<Chosen>): Chosen | Promise<Chosen> {
  return chosen instanceof Promise ? chosen.then((late) => ({ ...late, forced: true as const })) : { ...chosen, forced: true };
}

/** What was known, as far as it is still so: decks go on being dealt from, and cells go by the objects in `loaded`. */
function renewed(before: Known | undefined, fresh: Pick<Known, 'record' | 'rules' | 'readAt'>): Known {
  const { record, readAt } = fresh;
  if (before && canonicalJson(before.record) === canonicalJson(record)) return { ...before, readAt };
  const decks: Known['decks'] = new Map();
  const loaded: Known['loaded'] = new Map();
  for (const [name, deck] of before?.decks ?? []) {
    const alias = name.split('/')[0]!;
    const [was, is] = [before?.record.aliases[alias], record.aliases[alias]];
    if (was && is && canonicalJson(was) === canonicalJson(is)) decks.set(name, deck);
  }
  for (const { number, artifact } of record.versions) {
    const same = before?.loaded.get(number);
    if (same?.artifact === artifact && same.secretsRevision === (record.secrets?.revision ?? 0)) loaded.set(number, same);
  }
  return { ...fresh, decks, loaded };
}

/** Of the numbers of versions those that consume a queue. */
function consumersOf({ versions }: FunctionRecord, queue: string): (number: number) => boolean {
  return (number) => versions.some((each) => each.number === number && each.queues?.consumes.includes(queue));
}

/** Of the versions of an alias that are wanted, the one with the most weight; of equal ones the newest. */
function heaviest({ versions }: AliasRecord, wanted: (number: number) => boolean): number | undefined {
  return versions.filter(({ version }) => wanted(version)).toSorted((a, b) => b.weight - a.weight || b.version - a.version)[0]?.version;
}

function overriding(record: FunctionRecord, wanted: string): VersionEntry {
  const version = versionByReference(record, wanted);
  if (version) return version;
  throw new BrinkError('version-not-found', `${record.name} has no version ${JSON.stringify(wanted)}, which Brink-Version asks for.`, {
    details: { function: record.name, version: wanted },
  });
}

function stickyKey(sticky: NonNullable<AliasRecord['sticky']>, wish: Wish): string | null {
  switch (sticky.by) {
    case 'header':
      return wish.header(sticky.name);
    case 'address':
      return wish.address;
    case 'cookie':
      return cookieOf(wish.header('cookie'), sticky.name);
  }
}
