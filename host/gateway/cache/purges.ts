import { BrinkError } from '../../errors.ts';
import type { Store } from '../../stores/store.ts';
import type { Entry } from './entry.ts';

/** What is not to be used any more: of all that a function has answered, or by one of these. */
export interface Purge {
  /** A URL, with its query, as clients ask for it or as the function sees it; or a path, on any host. */
  readonly url?: string | undefined;
  /** One of those in `Cache-Tag`. */
  readonly tag?: string | undefined;
  /** What a URL or a path begins with. */
  readonly prefix?: string | undefined;
}

/** All purges of a function. What was asked for before one of them came is measured by it. */
export interface PurgeList {
  /** How many there have been. */
  readonly count: number;
  /** All that was asked for when there had been fewer is gone. */
  readonly all: number;
  readonly some: readonly (Purge & { readonly number: number })[];
}

export interface PurgesOptions {
  readonly store: Store;
  readonly now: () => number;
  /** For how long, in ms, what was read is used before it is looked at again. */
  readonly maxAge: number;
}

const NONE: PurgeList = { count: 0, all: 0, some: [] };
/** Where there are more, the oldest become one of everything: too much is purged then, and never too little. */
const MOST = 500;
const PREFIX = 'cache-purges/';

/** The purges of each function, which every host reads. */
export class Purges {
  readonly #options: PurgesOptions;
  readonly #known = new Map<string, { readonly list: PurgeList; readonly read: number }>();

  constructor(options: PurgesOptions) {
    this.#options = options;
  }

  /** Those that are known; a promise where they have to be looked up. */
  of(name: string): PurgeList | Promise<PurgeList> {
    const { now, maxAge } = this.#options;
    const known = this.#known.get(name);
    if (known !== undefined && (maxAge === Infinity || now() - known.read < maxAge)) return known.list;
    return this.#read(name, known?.list ?? NONE);
  }

  /** @throws {BrinkError} `store-unavailable`, `write-conflict` */
  async add(name: string, purge: Purge): Promise<PurgeList> {
    for (let attempt = 0; attempt < 20; attempt++) {
      const entry = await this.#options.store.get(PREFIX + name);
      const before = entry === null ? NONE : listIn(entry.value);
      const after = listWith(before, purge);
      const written = await this.#options.store.put(PREFIX + name, utf8.encode(JSON.stringify(after)), {
        ifRevision: entry?.revision ?? 0,
      });
      if (written === null) continue;
      this.#keep(name, after);
      return after;
    }
    throw new BrinkError('write-conflict', `The purge of ${name} could not be written: others purge it all the time. Try again.`);
  }

  /** Some host has written it: it is looked up when it is next asked for. Says whether the key is one of these. */
  expire(key: string): string | null {
    if (!key.startsWith(PREFIX)) return null;
    const name = key.slice(PREFIX.length);
    this.#known.delete(name);
    return name;
  }

  forget(): void {
    this.#known.clear();
  }

  /** What cannot be read leaves what is known: responses go on to be used while the store is away. */
  async #read(name: string, known: PurgeList): Promise<PurgeList> {
    try {
      const entry = await this.#options.store.get(PREFIX + name);
      return this.#keep(name, entry === null ? NONE : listIn(entry.value));
    } catch {
      return known;
    }
  }

  #keep(name: string, list: PurgeList): PurgeList {
    this.#known.set(name, { list, read: this.#options.now() });
    return list;
  }
}

/** Whether a purge has come since the entry was asked for that means it. */
export function isPurged(entry: Entry, { count, all, some }: PurgeList): boolean {
  if (entry.purges >= count) return false;
  if (entry.purges < all) return true;
  return some.some((purge) => purge.number > entry.purges && isMeant(entry, purge));
}

function isMeant({ url, target, tags }: Entry, purge: Purge): boolean {
  if (purge.tag !== undefined) return tags.includes(purge.tag);
  const { url: exact, prefix = '' } = purge;
  const fits = (place: string) => (exact === undefined ? place.startsWith(prefix) : place === exact);
  return fits(url) || fits(target) || fits(pathOf(url)) || fits(pathOf(target));
}

function listWith({ count, all, some }: PurgeList, purge: Purge): PurgeList {
  const number = count + 1;
  const { url, tag, prefix } = purge;
  if (url === undefined && tag === undefined && prefix === undefined) return { count: number, all: number, some: [] };
  const same = (one: Purge) => one.url === url && one.tag === tag && one.prefix === prefix;
  const added = [...some.filter((one) => !same(one)), { number, ...purge }];
  const over = added.length - MOST;
  return over <= 0 ? { count: number, all, some: added } : { count: number, all: added[over - 1]!.number, some: added.slice(over) };
}

function listIn(value: Uint8Array): PurgeList {
  return JSON.parse(new TextDecoder().decode(value)) as PurgeList;
}

/** With the query. */
function pathOf(url: string): string {
  const start = url.indexOf('/', url.indexOf('://') + 3);
  return start === -1 ? '/' : url.slice(start);
}

const utf8 = new TextEncoder();
