import { Trap } from '../trap.ts';
import type { BorrowScope } from './target.ts';

const MAX_HANDLES = 2 ** 28 - 1;

/** What a component holds by index: `Table` of the canonical ABI. Index 0 is never used. */
export class HandleTable<Entry = unknown> {
  readonly #limit: number;
  #entries: (Entry | undefined)[] = [undefined];
  /** Indices that were used and are not; the last to come is the first to go. */
  #free: number[] = [];
  #initial: { readonly entries: readonly (Entry | undefined)[]; readonly free: readonly number[] } | null = null;

  /** @param limit how many handles there may be at once */
  constructor(limit = MAX_HANDLES) {
    this.#limit = Math.min(limit, MAX_HANDLES);
  }

  get size(): number {
    return this.#entries.length - 1 - this.#free.length;
  }

  add(entry: Entry): number {
    const index = this.#free.pop();
    if (index !== undefined) {
      this.#entries[index] = entry;
      return index;
    }
    if (this.#entries.length > this.#limit) throw new Trap(`The guest holds more than ${this.#limit} handles.`);
    return this.#entries.push(entry) - 1;
  }

  /** @throws {Trap} when the index is not in use */
  get(index: number): Entry {
    const entry = this.#entries[index];
    if (entry === undefined) throw new Trap(`Handle ${index >>> 0} is not in use.`);
    return entry;
  }

  /** @throws {Trap} when the index is not in use */
  remove(index: number): Entry {
    const entry = this.get(index);
    this.#entries[index] = undefined;
    this.#free.push(index);
    return entry;
  }

  clear(): void {
    this.#entries = [undefined];
    this.#free = [];
  }

  /** Remembers the table as it is, for `restore`. */
  snapshot(): void {
    this.#initial = { entries: this.#entries.slice(), free: this.#free.slice() };
  }

  /** What has come since the last `snapshot`, and is still there. */
  added(): Entry[] {
    const before = this.#initial?.entries ?? [];
    return this.#entries.filter((entry, index) => entry !== undefined && entry !== before[index]) as Entry[];
  }

  /** Puts the table back to what it was at the last `snapshot`; empties it where there was none. */
  restore(): void {
    if (this.#initial === null) return this.clear();
    this.#entries = this.#initial.entries.slice();
    this.#free = this.#initial.free.slice();
    for (const entry of this.#entries) if (entry instanceof ResourceHandle) entry.lends = 0;
  }
}

/** A resource in a component's hands. */
export class ResourceHandle {
  /** Index into the plan's resources. */
  readonly resource: number;
  /** What its owner knows it by: a JavaScript object where that is the host, else a number. */
  readonly rep: unknown;
  readonly own: boolean;
  /** The task that has to give it back before it ends; null where it is owned. */
  readonly scope: BorrowScope | null;
  /** Calls under way that borrow it. */
  lends = 0;

  constructor(resource: number, rep: unknown, own: boolean, scope: BorrowScope | null) {
    this.resource = resource;
    this.rep = rep;
    this.own = own;
    this.scope = scope;
  }
}

/** The resource behind a handle. @throws {Trap} where it is something else, or another resource */
export function resourceOf(entry: unknown, resource: number): ResourceHandle {
  if (!(entry instanceof ResourceHandle)) throw new Trap('A handle is not the resource that it is used as.');
  if (entry.resource !== resource) throw new Trap('A handle is of another resource than it is used as.');
  return entry;
}
