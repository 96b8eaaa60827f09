import { excessOf, QuotaExceeded, type Quota, type Usage } from '../quota.ts';
import { Counted, type Kept } from './counted.ts';

export interface QuotasOptions {
  readonly now: () => number;
  /** What all groups take together, or more. */
  total(): Promise<Usage>;
  /** The entries of a group. */
  entries(group: string): Promise<ReadonlyMap<string, Kept>>;
}

/** A write that is to come. */
export interface Claim {
  /** Entries that are counted together. */
  readonly group: string;
  readonly key: string;
  readonly bytes: number;
  readonly quota: Quota;
}

/** After so long, in ms, a count is made again: so long may what other hosts write be missed. */
export const RECOUNT = 30_000;
/** No write is refused by a count that is older: others may have taken something away. */
const TO_REFUSE = 1_000;

interface Group {
  readonly counted: Counted;
  /** When the last look began. */
  at: number;
  looking: Promise<void> | null;
  /** What writes that are under way may add. */
  claimed: Usage;
}

/**
 * Whether there is room for what this host writes. No server counts, and a count that hosts share would cost each write
 * a second one. So each counts for itself: what it writes at once, what others write when it looks again. As long as
 * everything in the bucket is less than a quota, no group can have more, and a look at its size is enough; only then are
 * the group's entries counted, and known one by one.
 */
export class Quotas {
  readonly #options: QuotasOptions;
  readonly #groups = new Map<string, Group>();
  /** Writes under way, by group. */
  readonly #underWay = new Map<string, Set<Promise<void>>>();
  /** All that was claimed, and what of it is not under way any more. */
  readonly #claimed: Usage = { keys: 0, bytes: 0 };
  readonly #ended: Usage = { keys: 0, bytes: 0 };
  #most: { readonly at: number; readonly usage: Usage } | null = null;
  #looking: Promise<void> | null = null;

  constructor(options: QuotasOptions) {
    this.#options = options;
  }

  /** Gives what says that the write has ended. @throws {QuotaExceeded} */
  async claim(claim: Claim): Promise<() => void> {
    const { group: name, bytes } = claim;
    // Again, where others were faster: what follows a look that leaves room is done in the same moment.
    for (;;) {
      const group = await this.#groupFor(claim);
      if (group === null) {
        if (this.#fitsAll(claim)) return this.#begin(name, { keys: 1, bytes }, null);
      } else if (excessIn(group, claim) === null) {
        const added = addedBy(group, claim);
        return this.#begin(name, { keys: added.keys, bytes: Math.max(0, added.bytes) }, group);
      } else await this.#check(group, claim);
    }
  }

  /** Bytes that an entry may come to, of one that comes to `bytes` at least. @throws {QuotaExceeded} where it may not */
  async room(claim: Claim): Promise<number> {
    const { key, quota } = claim;
    const group = await this.#groupFor(claim);
    if (group === null) return quota.bytes - this.#most!.usage.bytes - this.#claimed.bytes;
    await this.#check(group, claim);
    const old = group.counted.bytesOf(key) ?? 0;
    return Math.max(old, quota.bytes - group.counted.usage.bytes - group.claimed.bytes + old);
  }

  /** Counted; null where all that there is leaves room. */
  async #groupFor(claim: Claim): Promise<Group | null> {
    const name = claim.group;
    await this.#fresh();
    let group = this.#groups.get(name);
    // Once it is small again, there is no need to know it.
    if (group !== undefined && this.#age(group.at) > RECOUNT && group.looking === null && this.#fitsAll(claim)) {
      this.#groups.delete(name);
      group = undefined;
    }
    if (group === undefined && this.#fitsAll(claim)) return null;
    group ??= this.#group(name);
    if (group.at === -Infinity) await this.#look(name, group);
    else if (this.#age(group.at) > RECOUNT) this.#look(name, group).catch(() => {});
    return group;
  }

  /** @throws {QuotaExceeded} */
  async #check(group: Group, claim: Claim): Promise<void> {
    let excess = excessIn(group, claim);
    if (excess === null) return;
    // They may take less than it seems: several of one key do.
    await this.#writesOf(claim.group);
    if (this.#age(group.at) > TO_REFUSE) await this.#look(claim.group, group);
    excess = excessIn(group, claim);
    if (excess !== null) throw new QuotaExceeded(excess, claim.quota[excess]);
  }

  /** What has been written, whether there is a quota for it or not. */
  wrote({ group, key }: Pick<Claim, 'group' | 'key'>, kept: Kept): void {
    this.#groups.get(group)?.counted.set(key, kept);
  }

  /** A write of which nobody knows whether it was done. */
  doubt(name: string): void {
    const group = this.#groups.get(name);
    if (group !== undefined) group.at = -Infinity;
  }

  #begin(name: string, added: Usage, group: Group | null): () => void {
    const ended = Promise.withResolvers<void>();
    const others = this.#underWay.get(name) ?? new Set();
    this.#underWay.set(name, others.add(ended.promise));
    add(this.#claimed, added, 1);
    if (group !== null) add(group.claimed, added, 1);
    return () => {
      add(this.#ended, added, 1);
      if (group !== null) add(group.claimed, added, -1);
      others.delete(ended.promise);
      if (others.size === 0 && this.#underWay.get(name) === others) this.#underWay.delete(name);
      ended.resolve();
    };
  }

  async #writesOf(name: string): Promise<void> {
    const writes = this.#underWay.get(name);
    if (writes !== undefined) await Promise.all(writes);
  }

  /** Whether all that there is, and this host has written since that was known, leaves room. */
  #fitsAll({ bytes, quota }: Claim): boolean {
    const { keys: most, bytes: mostBytes } = this.#most!.usage;
    const { keys, bytes: written } = this.#claimed;
    return excessOf({ keys: most + keys, bytes: mostBytes + written }, { keys: 1, bytes }, quota) === null;
  }

  async #fresh(): Promise<void> {
    if (this.#most !== null && this.#age(this.#most.at) <= RECOUNT) return;
    this.#looking ??= this.#lookAtAll().finally(() => (this.#looking = null));
    if (this.#most === null) await this.#looking;
    else this.#looking.catch(() => {});
  }

  async #lookAtAll(): Promise<void> {
    const at = this.#options.now();
    // What is under way now may be among what is found, or not.
    const ended = { ...this.#ended };
    const { keys, bytes } = await this.#options.total();
    this.#most = { at, usage: { keys: keys - ended.keys, bytes: bytes - ended.bytes } };
  }

  #group(name: string): Group {
    const counted = new Counted(this.#options.now);
    const group: Group = { counted, at: -Infinity, looking: null, claimed: { keys: 0, bytes: 0 } };
    this.#groups.set(name, group);
    return group;
  }

  #look(name: string, group: Group): Promise<void> {
    group.looking ??= this.#count(name, group).finally(() => (group.looking = null));
    return group.looking;
  }

  async #count(name: string, group: Group): Promise<void> {
    const at = this.#options.now();
    // Those that began before the group was counted are in no count yet.
    if (group.at === -Infinity) await this.#writesOf(name);
    await group.counted.look(() => this.#options.entries(name));
    group.at = at;
  }

  /** A clock that was set back makes everything old. */
  #age(at: number): number {
    const age = this.#options.now() - at;
    return age < 0 ? Infinity : age;
  }
}

function addedBy({ counted }: Group, { key, bytes }: Claim): Usage {
  const old = counted.bytesOf(key);
  return { keys: old === null ? 1 : 0, bytes: bytes - (old ?? 0) };
}

function excessIn(group: Group, claim: Claim): keyof Quota | null {
  const excess = () => {
    const { keys, bytes } = group.counted.usage;
    const added = addedBy(group, claim);
    return excessOf({ keys: keys + group.claimed.keys, bytes: bytes + group.claimed.bytes }, added, claim.quota);
  };
  if (excess() === null) return null;
  group.counted.removeExpired();
  return excess();
}

function add(to: Usage, added: Usage, sign: 1 | -1): void {
  to.keys += sign * added.keys;
  to.bytes += sign * added.bytes;
}
