import { BrinkError } from '../errors.ts';
import type { Store } from '../stores/store.ts';
import { newRecord } from './change.ts';
import { parseBlocks } from './gateway/parse.ts';
import type { GatewayBlock } from './gateway/schema.ts';
import { checkName } from './names.ts';
import { functionKey, type FunctionRecord } from './record.ts';
import { recordsIn, type Records } from './records.ts';
import type { Hand } from './release-record.ts';

/** Rules that hold now. What was made of them is kept by their blocks, which stay the same object while they hold. */
export interface RuleSet {
  /** `RulesChange.place` */
  readonly place: string;
  readonly blocks: readonly GatewayBlock[];
}

/** What an operator has said of the gateway, beside what versions bring along. */
export interface RulesRecord {
  /** The newest first, at most `MAX_CHANGES`; the first is what holds. */
  readonly changes: readonly RulesChange[];
}

export interface RulesChange {
  /** 1 for the first, one more for each: what `If-Match` names. */
  readonly revision: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly by: string;
  readonly why: string | null;
  /** How many there are. */
  readonly blocks: number;
  /** Where they lie: written before they are named here, and never changed. Null where there are none. */
  readonly place: string | null;
}

export interface RulesTarget {
  /** The revision that the rules must have; 0: there must never have been any. */
  readonly ifRevision?: number | undefined;
  readonly hand: Hand;
}

/** A function, or null: the host, for all of its functions. */
type Owner = string | null;

const HOST = 'gateway-rules';
const SETS = 'gateway-rule-set/';
/** Revisions that can be gone back to. */
const MAX_CHANGES = 50;
/** 64 KiB, as JSON. */
const MAX_BYTES = 65_536;

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** Rules of the gateway that stand before functions without a publish: of one function, or of all that a host has. */
export class OperatorRules {
  readonly #functions: Records<FunctionRecord>;
  readonly #host: Records<RulesRecord>;
  readonly #store: Store;
  readonly #now: () => number;

  constructor({ functions, store, now }: { functions: Records<FunctionRecord>; store: Store; now: () => number }) {
    this.#functions = functions;
    this.#host = recordsIn(store);
    this.#store = store;
    this.#now = now;
  }

  /** @throws {BrinkError} `function-not-found` */
  async record(owner: Owner): Promise<RulesRecord> {
    if (owner === null) return (await this.#host.get(HOST)) ?? NONE;
    const record = await this.#functions.get(functionKey(owner));
    if (record === null) throw notFound(owner);
    return record.gateway ?? NONE;
  }

  /** What holds for all functions; null where nothing does. */
  async ofHost(known: RuleSet | null): Promise<RuleSet | null> {
    return this.read(await this.record(null), known);
  }

  /** What holds by a record; null where nothing does. @param known what was read before, for the same owner */
  async read(record: RulesRecord | undefined, known: RuleSet | null): Promise<RuleSet | null> {
    const [last] = record?.changes ?? [];
    if (last === undefined || last.place === null) return null;
    return known?.place === last.place ? known : { place: last.place, blocks: await this.blocks(last) };
  }

  /** @throws {BrinkError} `store-unavailable` */
  async blocks({ place }: Pick<RulesChange, 'place'>): Promise<readonly GatewayBlock[]> {
    if (place === null) return [];
    const entry = await this.#store.get(SETS + place);
    if (entry === null) throw new Error(`The gateway rules ${place} are named, and not there.`);
    return JSON.parse(text.decode(entry.value)) as GatewayBlock[];
  }

  /**
   * Rules take the place of those that there are. They hold as soon as this is done; none do where there are no blocks.
   * A function need not have been published.
   *
   * @throws {BrinkError} `manifest-invalid`, `manifest-unknown-key`, `rules-conflict`, `name-invalid`
   */
  async set(owner: Owner, value: unknown, target: RulesTarget): Promise<RulesRecord> {
    if (owner !== null) checkName(owner, 'function');
    const blocks = parseBlocks(value);
    const bytes = utf8.encode(JSON.stringify(blocks));
    if (bytes.byteLength > MAX_BYTES)
      throw new BrinkError('manifest-invalid', `The rules have ${bytes.byteLength} bytes as JSON; at most ${MAX_BYTES} are taken.`, {
        details: { key: 'gateway' },
      });
    const place = blocks.length === 0 ? null : crypto.randomUUID();
    if (place !== null) await this.#store.put(SETS + place, bytes);
    try {
      return await this.#change(owner, target, () => ({ place, blocks: blocks.length }));
    } catch (error) {
      // Where nobody knows whether it was written, `orphans` finds out.
      if (place !== null && error instanceof BrinkError && error.code === 'rules-conflict') await this.#store.delete(SETS + place);
      throw error;
    }
  }

  /** Has the rules of an earlier revision hold again, as a new one. @throws {BrinkError} `revision-not-found`, `rules-conflict` */
  rollback(owner: Owner, revision: number | undefined, target: RulesTarget): Promise<RulesRecord> {
    return this.#change(owner, target, ({ changes }) => {
      const [last, before] = changes;
      return changeOf({ changes }, revision ?? before?.revision ?? (last?.revision ?? 0) - 1);
    });
  }

  /** Removes what a record named that is no more. */
  async forget(record: RulesRecord | undefined, still: RulesRecord = NONE): Promise<void> {
    const named = new Set(still.changes.map(({ place }) => place));
    for (const { place } of record?.changes ?? []) if (place !== null && !named.has(place)) await this.#store.delete(SETS + place);
  }

  /** Rules that lie there and that no record names: what a crash left, or what is just being set. */
  async orphans(records: readonly FunctionRecord[]): Promise<ReadonlySet<string>> {
    const places = (await this.#host.keys(SETS)).map((key) => key.slice(SETS.length));
    if (places.length === 0) return new Set();
    const all = [await this.record(null), ...records.flatMap(({ gateway }) => gateway ?? [])];
    const named = new Set(all.flatMap(({ changes }) => changes.map(({ place }) => place)));
    return new Set(places.filter((place) => !named.has(place)));
  }

  async remove(places: ReadonlySet<string>): Promise<void> {
    for (const place of places) await this.#store.delete(SETS + place);
  }

  async #change(
    owner: Owner,
    { ifRevision, hand }: RulesTarget,
    next: (current: RulesRecord) => Pick<RulesChange, 'place' | 'blocks'>,
  ): Promise<RulesRecord> {
    let before: RulesRecord = NONE;
    const changed = (current: RulesRecord | undefined): RulesRecord => {
      before = current ?? NONE;
      const revision = before.changes[0]?.revision ?? 0;
      if (ifRevision !== undefined && ifRevision !== revision) throw conflict(owner, ifRevision, revision);
      const { place, blocks } = next(before);
      const change = { revision: revision + 1, time: this.#now(), by: hand.by, why: hand.why ?? null, blocks, place };
      return { changes: [change, ...before.changes].slice(0, MAX_CHANGES) };
    };
    const after =
      owner === null
        ? await this.#host.update(HOST, (current) => changed(current ?? undefined))
        : (
            await this.#functions.update(functionKey(owner), (current) => {
              const record = current ?? newRecord(owner);
              return { ...record, gateway: changed(record.gateway) };
            })
          ).gateway!;
    await this.forget(before, after);
    return after;
  }
}

const NONE: RulesRecord = { changes: [] };

/** @throws {BrinkError} `revision-not-found` */
export function changeOf({ changes }: RulesRecord, revision: number): RulesChange {
  const found = changes.find((change) => change.revision === revision);
  if (found !== undefined) return found;
  throw new BrinkError(
    'revision-not-found',
    `There is no revision ${revision} of these rules to go back to. \`brink gateway history\` lists those that there are.`,
    { details: { revision } },
  );
}

function conflict(owner: Owner, wanted: number, revision: number): BrinkError {
  const whose = owner === null ? 'the host' : owner;
  return new BrinkError(
    'rules-conflict',
    `The gateway rules of ${whose} are at revision ${revision}, not ${wanted}: someone has changed them. Read them again.`,
    { details: { revision } },
  );
}

function notFound(name: string): BrinkError {
  return new BrinkError('function-not-found', `There is no function ${JSON.stringify(name)}. \`brink ls\` lists what there is.`, {
    details: { function: name },
  });
}
