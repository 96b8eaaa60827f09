import { weightOf, type Entry } from './entry.ts';

/** What is kept under one key. */
export interface Resource {
  readonly key: string;
  /** Those for different requests, the newest first. */
  readonly variants: readonly Entry[];
  weight: number;
  /** Until when it is not asked for on behalf of others, since what came could not be kept; ms since the epoch. */
  passing: number;
  /** When it was moved to the end of those that go first, by the number of look-ups. */
  touched: number;
}

/** Of one key; the oldest goes. */
const MOST_VARIANTS = 32;
const EMPTY_WEIGHT = 256;

/** Responses in memory, within so many bytes: those go that were asked for longest ago. */
export class ResponseMemory {
  readonly #resources = new Map<string, Resource>();
  readonly #most: number;
  #weight = 0;
  #finds = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get weight(): number {
    return this.#weight;
  }

  find(key: string): Resource | undefined {
    const found = this.#resources.get(key);
    if (found === undefined) return undefined;
    // Not each time: what was moved lately is far from the beginning.
    if (++this.#finds - found.touched > this.#resources.size >> 2) {
      found.touched = this.#finds;
      this.#resources.delete(key);
      this.#resources.set(key, found);
    }
    return found;
  }

  /** In place of those that are for the same requests. */
  put(key: string, entry: Entry): void {
    const variants = this.#resources.get(key)?.variants.filter((each) => !isSame(each, entry)) ?? [];
    this.#set(key, [entry, ...variants].slice(0, MOST_VARIANTS), 0);
  }

  /** What is asked for there goes to the function, each for itself, until then. */
  pass(key: string, until: number): void {
    const found = this.#resources.get(key);
    if (found !== undefined) found.passing = until;
    else this.#set(key, [], until);
  }

  delete(key: string): void {
    const found = this.#resources.get(key);
    if (found === undefined) return;
    this.#resources.delete(key);
    this.#weight -= found.weight;
  }

  /** Those that are not to be used any more. */
  drop(gone: (entry: Entry, key: string) => boolean): void {
    for (const [key, { variants, passing }] of this.#resources) {
      const left = variants.filter((entry) => !gone(entry, key));
      if (left.length === variants.length) continue;
      if (left.length === 0) this.delete(key);
      else this.#set(key, left, passing);
    }
  }

  #set(key: string, variants: readonly Entry[], passing: number): void {
    this.delete(key);
    const weight = variants.reduce((sum, entry) => sum + weightOf(entry), EMPTY_WEIGHT + key.length);
    if (weight > this.#most) return;
    this.#resources.set(key, { key, variants, weight, passing, touched: this.#finds });
    this.#weight += weight;
    for (const first of this.#resources.keys()) {
      if (this.#weight <= this.#most) break;
      this.delete(first);
    }
  }
}

function isSame(one: Entry, other: Entry): boolean {
  if (isPart(one) !== isPart(other)) return false;
  return JSON.stringify(one.selectors) === JSON.stringify(other.selectors);
}

function isPart({ part }: Entry): boolean {
  return part !== null;
}
