import type { Store } from '../../stores/store.ts';
import { BindingError } from '../binding-error.ts';
import { PLATFORM_TIMERS, type Timers } from '../timers.ts';
import { Lease } from './lease.ts';
import { MAX_CLAIMS } from './limits.ts';
import {
  alive,
  bytesOf,
  changed,
  fenced,
  FREE,
  grants,
  isDue,
  isFree,
  lastExpiry,
  recordOf,
  type Change,
  type Claim,
  type LockRecord,
} from './record.ts';

export interface LeasesOptions {
  readonly store: Store;
  /** Milliseconds since the epoch. Hosts that share a store should agree on it: by how much they do not, a lease ends early or late. */
  readonly now: () => number;
  /** Whether nobody else can have leases in this store: those that are not known here are then of an earlier process, which is dead. */
  readonly alone: boolean;
  /** The platform's own by default. */
  readonly timers?: Timers;
}

export interface Asked {
  readonly claim: Claim;
  readonly ifAvailable: boolean;
  readonly steal: boolean;
}

interface Turn {
  readonly change: Change;
  resolve(): void;
  reject(error: unknown): void;
}

/** One lock, for as long as someone on this host has to do with it. */
interface Lock {
  readonly key: string;
  readonly leases: Map<string, Lease>;
  readonly turns: Turn[];
  running: boolean;
  /** What the store had of it, when it was last read or written. */
  known: { readonly record: LockRecord; readonly revision: number };
}

/** How often it is looked whether something is to be renewed, and, where other hosts may have changed it, whether something is free; ms. */
const TICK = 250;
const NOTHING = { record: FREE, revision: 0 };

/**
 * The claims on locks that one host has in a store, and keeps alive for as long as their holders live. A lock is one entry
 * of the store, changed by compare-and-set; so any number of hosts may share it, and a lock's grants are in one order: that
 * of the revisions, which are their fences. A lock that nobody holds or waits for has no entry; revisions grow all the same.
 */
export class Leases {
  readonly #options: LeasesOptions;
  readonly #locks = new Map<string, Lock>();
  #noClock: (() => void) | undefined;

  constructor(options: LeasesOptions) {
    this.#options = options;
  }

  /** Asks for the lock under a key of the store: a lease that has it or waits for it; null where it is not to be had. */
  async ask(key: string, { claim, ifAvailable, steal }: Asked): Promise<Lease | null> {
    const lock = this.#lockOf(key);
    const lease = new Lease(claim, () => void this.leave(key, claim.id).catch(() => {}));
    lock.leases.set(claim.id, lease);
    this.#noClock ??= (this.#options.timers ?? PLATFORM_TIMERS).every(TICK, () => this.#tick());
    try {
      await this.#change(lock, { do: 'ask', claim, ifAvailable, steal });
    } finally {
      if (!lease.entered) lock.leases.delete(claim.id);
      this.#tidy(lock);
    }
    return lease.entered ? lease : null;
  }

  /** Gives a claim up, held or not; without effect where this host has it no more. */
  async leave(key: string, id: string): Promise<void> {
    const lock = this.#locks.get(key);
    const lease = lock?.leases.get(id);
    if (lock === undefined || lease === undefined) return;
    lock.leases.delete(id);
    lease.end();
    try {
      await this.#change(lock, { do: 'leave', id });
    } finally {
      this.#tidy(lock);
    }
  }

  /** Every lock with this prefix that someone holds or waits for, 1,000 at most, by name. */
  async query(prefix: string): Promise<{ readonly key: string; readonly record: LockRecord }[]> {
    const { store, now, alone } = this.#options;
    const { keys } = await store.list({ prefix });
    const entries = await Promise.all(keys.map(async (key) => ({ key, entry: await store.get(key) })));
    return entries.flatMap(({ key, entry }) => {
      if (entry === null) return [];
      const lives = ({ id }: Claim) => !alone || this.#locks.get(key)?.leases.has(id) === true;
      return [{ key, record: alive(recordOf(entry.value, entry.revision), { now: now(), lives }) }];
    });
  }

  /** Resolves when nothing is under way any more; nothing is renewed from then on. */
  async stop(): Promise<void> {
    this.#noClock?.();
    const all = [...this.#locks.values()].filter(({ running }) => running);
    await Promise.allSettled(all.map((lock) => this.#change(lock, { do: 'look' })));
  }

  #lockOf(key: string): Lock {
    const known = this.#locks.get(key);
    if (known !== undefined) return known;
    const lock: Lock = { key, leases: new Map(), turns: [], running: false, known: NOTHING };
    this.#locks.set(key, lock);
    return lock;
  }

  #tidy(lock: Lock): void {
    if (lock.leases.size > 0 || lock.running || lock.turns.length > 0) return;
    if (this.#locks.get(lock.key) === lock) this.#locks.delete(lock.key);
    if (this.#locks.size > 0) return;
    this.#noClock?.();
    this.#noClock = undefined;
  }

  #change(lock: Lock, change: Change): Promise<void> {
    return new Promise((resolve, reject) => {
      lock.turns.push({ change, resolve, reject });
      if (!lock.running) void this.#run(lock);
    });
  }

  /** Changes of one lock wait for each other; those that have come together are one write, up to the first that grants something. */
  async #run(lock: Lock): Promise<void> {
    lock.running = true;
    while (lock.turns.length > 0) {
      const turns: Turn[] = [];
      try {
        await this.#write(lock, turns);
        for (const { resolve } of turns) resolve();
      } catch (error) {
        lock.known = NOTHING;
        for (const { reject } of turns) reject(error);
      }
    }
    lock.running = false;
    this.#tidy(lock);
  }

  /** @param taken is filled with the turns that this write is of */
  async #write(lock: Lock, taken: Turn[]): Promise<void> {
    const { store, now } = this.#options;
    // What is known may be old; then the store refuses the write, and is read.
    for (let fresh = false; ;) {
      lock.turns.unshift(...taken.splice(0));
      const { record, revision } = lock.known;
      const next = this.#apply(lock, taken);
      if (next === record || (isFree(next) && revision === 0)) {
        if (fresh) return this.#sync(lock);
      } else if (isFree(next)) {
        if (await store.delete(lock.key, { ifRevision: revision })) {
          lock.known = NOTHING;
          return this.#sync(lock);
        }
      } else {
        const ttl = Math.max(1, lastExpiry(next) - now());
        const written = await store.put(lock.key, bytesOf(next), { ifRevision: revision, ttl });
        if (written !== null) {
          lock.known = { record: fenced(next, written), revision: written };
          this.#sync(lock);
          // Where the one that was granted shares it, the next may, too.
          if (isDue(next)) lock.turns.push({ change: { do: 'look' }, resolve() {}, reject() {} });
          return;
        }
      }
      const entry = await store.get(lock.key);
      lock.known = entry === null ? NOTHING : { record: recordOf(entry.value, entry.revision), revision: entry.revision };
      fresh = true;
    }
  }

  #apply(lock: Lock, taken: Turn[]): LockRecord {
    const { now, alone } = this.#options;
    const seen = { now: now(), lives: ({ id }: Claim) => !alone || lock.leases.has(id) };
    let { record } = lock.known;
    while (lock.turns.length > 0 && !grants(record)) {
      const turn = lock.turns.shift()!;
      taken.push(turn);
      if (turn.change.do === 'ask' && record.held.length + record.waiting.length >= MAX_CLAIMS) {
        taken.pop();
        turn.reject(tooMany());
        continue;
      }
      record = changed(record, turn.change, seen);
    }
    return record;
  }

  /** Tells the leases of this host what the store has of them. */
  #sync(lock: Lock): void {
    const { held, waiting } = lock.known.record;
    const found = new Set<string>();
    for (const claim of [...held, ...waiting]) {
      const lease = lock.leases.get(claim.id);
      if (lease === undefined) continue;
      found.add(claim.id);
      lease.entered = true;
      lease.expires = claim.expires;
      if ('fence' in claim && claim.fence !== null) lease.grant(claim.fence as number);
    }
    for (const [id, lease] of lock.leases) {
      if (!lease.entered || found.has(id)) continue;
      if (!lease.granted) this.#askAgain(lock, lease);
      else this.#lose(lock, lease, 'Another has it now, or its lease has ended.');
    }
  }

  /** This host stood still for longer than a lease, and others have passed those who waited here. */
  #askAgain(lock: Lock, lease: Lease): void {
    lease.entered = false;
    const claim = { ...lease.claim, expires: this.#options.now() + lease.claim.ttl };
    lock.turns.push({
      change: { do: 'ask', claim, ifAvailable: false, steal: false },
      resolve() {},
      reject: () => this.#lose(lock, lease, 'It cannot be waited for any more.'),
    });
  }

  #lose(lock: Lock, lease: Lease, reason: string): void {
    lock.leases.delete(lease.claim.id);
    lease.lose(reason);
  }

  #tick(): void {
    for (const lock of this.#locks.values()) {
      // The store has not answered yet.
      if (lock.running) this.#expire(lock);
      else this.#keep(lock).catch(() => this.#expire(lock));
    }
  }

  /** A lease is renewed when a third of it has passed. */
  async #keep(lock: Lock): Promise<void> {
    const time = this.#options.now();
    const entered = [...lock.leases.values()].filter((lease) => lease.entered);
    const due = entered.filter(({ expires, claim }) => time >= expires - (claim.ttl * 2) / 3);
    if (due.length > 0) return this.#change(lock, { do: 'renew', ids: new Set(due.map(({ claim }) => claim.id)) });
    if (!this.#options.alone && entered.length > 0) return this.#change(lock, { do: 'look' });
    return undefined;
  }

  /** The store cannot be reached: what is over by our clock may be another's by now. */
  #expire(lock: Lock): void {
    const time = this.#options.now();
    for (const lease of lock.leases.values())
      if (lease.granted && lease.expires <= time) this.#lose(lock, lease, 'It could not be renewed in time.');
    this.#tidy(lock);
  }
}

function tooMany(): BindingError {
  return new BindingError(`More than ${MAX_CLAIMS} hold this lock or wait for it.`, { name: 'QuotaExceededError', code: 'quota' });
}
