import type { Store } from '../../stores/store.ts';
import type { Entry } from './entry.ts';
import type { Fill } from './fill.ts';
import { ResponseMemory, type Resource } from './memory.ts';
import { isPurged, Purges, type Purge, type PurgeList } from './purges.ts';
import { sharedIn, type SharedResponses } from './shared.ts';
import type { ResponseHead } from './terms.ts';
import { isSelected, type Field, type Selector } from './vary.ts';
import { canAnswer } from './answer.ts';

export interface ResponsesOptions {
  /** Where purges lie. */
  readonly store: Store;
  /** Where responses lie besides the memory; null: nowhere. */
  readonly shared: Store | null;
  /** Bytes of memory. */
  readonly most: number;
  readonly now: () => number;
  /** For how long what was read of the store may be used before it is looked at again, in ms. */
  readonly maxAge: number;
}

/** What a fill is of. */
export interface Filling extends ResponseHead {
  readonly statusText: string;
  readonly selectors: readonly Selector[] | null;
}

/** The responses that a host keeps for all of its functions. */
export class Responses {
  readonly memory: ResponseMemory;
  /** Calls of functions whose responses others wait for, by key. */
  readonly fills = new Map<string, Fill<Filling, Entry>>();
  readonly #purges: Purges;
  readonly #shared: SharedResponses | null;

  constructor({ store, shared, most, now, maxAge }: ResponsesOptions) {
    this.memory = new ResponseMemory(most);
    this.#purges = new Purges({ store, now, maxAge });
    this.#shared = shared && sharedIn(shared, now);
  }

  /** Of a function: how many purges there have been, and which. A promise where they have to be looked up. */
  purges(name: string): PurgeList | Promise<PurgeList> {
    return this.#purges.of(name);
  }

  /** What memory has for such a request; of several, the newest. RFC 9111, section 4.1. */
  known({ variants }: Resource, purges: PurgeList, field: Field): Entry | null {
    for (const entry of variants) {
      if (!isSelected(entry.selectors, field, entry.language) || !canAnswer(entry, field)) continue;
      return isPurged(entry, purges) ? null : entry;
    }
    return null;
  }

  /** What the store has for it, which is in memory from then on. */
  async find(at: Place, purges: PurgeList, field: Field): Promise<Entry | null> {
    if (this.#shared === null) return null;
    const entry = await this.#shared.find(at.function, at.key, field);
    if (entry === null || isPurged(entry, purges)) return null;
    this.memory.put(at.key, entry);
    return entry;
  }

  /** In memory at once; the promise is for the store. */
  put(at: Place, entry: Entry): Promise<void> {
    this.memory.put(at.key, entry);
    return this.#shared?.put(at.function, at.key, entry) ?? DONE;
  }

  invalidate(at: Place): Promise<void> {
    this.memory.delete(at.key);
    // Whoever waits for it has asked before.
    this.fills.delete(at.key);
    return this.#shared?.delete(at.function, at.key) ?? DONE;
  }

  /** On this host at once, and on the others when they hear of it. @throws {BrinkError} as `Purges.add` */
  async purge(name: string, purge: Purge): Promise<void> {
    const list = await this.#purges.add(name, purge);
    const start = `${name}@`;
    this.memory.drop((entry, key) => key.startsWith(start) && isPurged(entry, list));
    for (const key of this.fills.keys()) if (key.startsWith(start)) this.fills.delete(key);
  }

  /** A host has written this key of the store; null where some of that was missed. Says whether it is one of these. */
  changed(key: string | null): boolean {
    if (key === null) {
      this.#purges.forget();
      return false;
    }
    if (this.#purges.expire(key) !== null) return true;
    const meant = this.#shared?.changed(key) ?? null;
    if (meant === null) return false;
    this.memory.drop((_entry, each) => meant(functionOf(each), each));
    return true;
  }
}

/** Where a response lies. */
export interface Place {
  readonly function: string;
  /** It begins with the function's name and `@`. */
  readonly key: string;
}

const DONE = Promise.resolve();

function functionOf(key: string): string {
  return key.slice(0, key.indexOf('@'));
}
