import { DEDICATED, SHARED, type PoolLimits, type Scaling } from './settings.ts';

/** Why there can be no more cells. */
export type FullBudget =
  { readonly budget: 'cells'; readonly limit: number } | { readonly budget: 'memory'; readonly class: string; readonly limit: number };

/** A cell that is to be: what `Scaling` says of it. */
export type Wanted = Pick<Scaling, 'class' | 'bytes'>;

/** What cells take of the host: their number, and the memory of their class. */
export class Budgets {
  readonly #limits: PoolLimits;
  readonly #taken = new Map<string, number>();
  #cells = 0;

  constructor(limits: PoolLimits) {
    this.#limits = limits;
  }

  get cells(): number {
    return this.#cells;
  }

  has(name: string): boolean {
    if (name === SHARED || name === DEDICATED || this.hasMemory(name)) return true;
    return this.#limits.cpu !== undefined && Object.hasOwn(this.#limits.cpu, name);
  }

  /** Whether a class has a part of the memory of its own. */
  hasMemory(name: string): boolean {
    const { memory } = this.#limits;
    return memory !== null && Object.hasOwn(memory.classes, name);
  }

  /** A class that this host does not have is `shared`. */
  classOf(name: string): string {
    return this.has(name) ? name : SHARED;
  }

  limitOf(name: string): number {
    const { memory } = this.#limits;
    if (memory === null) return Infinity;
    const given = Object.hasOwn(memory.classes, name) ? memory.classes[name] : undefined;
    if (given !== undefined) return given;
    const others = Object.entries(memory.classes).reduce((sum, [each, bytes]) => (each === SHARED ? sum : sum + bytes), 0);
    // Where `dedicated` has no part of its own, its cells are those of `shared` that count in full.
    return Math.max(0, memory.total - others);
  }

  takenOf(name: string): number {
    return this.#taken.get(this.#pot(name)) ?? 0;
  }

  /** What a new cell counts as: all that it may take where nothing else is to have it, else what is usual. */
  priceOf({ class: name, bytes }: Wanted): number {
    const { memory } = this.#limits;
    if (memory === null) return 0;
    return name === DEDICATED ? bytes + memory.beside : memory.assumed;
  }

  /** What one counts as that was measured. */
  measured(wanted: Wanted, bytes: number): number {
    const { memory } = this.#limits;
    if (memory === null) return 0;
    return wanted.class === DEDICATED ? Math.max(bytes + memory.beside, this.priceOf(wanted)) : bytes + memory.beside;
  }

  /** Whether the cells of two classes take from the same memory. */
  shares(one: string, other: string): boolean {
    return this.#pot(one) === this.#pot(other);
  }

  /** What has to come free before there can be one more cell; null where there can be one. */
  missing(wanted: Wanted): (FullBudget & { readonly bytes: number }) | null {
    if (this.#cells >= this.#limits.cells) return { budget: 'cells', limit: this.#limits.cells, bytes: 0 };
    const { class: name } = wanted;
    const limit = this.limitOf(name);
    const bytes = this.takenOf(name) + this.priceOf(wanted) - limit;
    return bytes > 0 ? { budget: 'memory', class: name, limit, bytes } : null;
  }

  take(name: string, bytes: number): void {
    this.#cells++;
    this.change(name, bytes);
  }

  give(name: string, bytes: number): void {
    this.#cells--;
    this.change(name, -bytes);
  }

  change(name: string, by: number): void {
    const pot = this.#pot(name);
    this.#taken.set(pot, (this.#taken.get(pot) ?? 0) + by);
  }

  /** The class whose memory its cells take. */
  #pot(name: string): string {
    return this.hasMemory(name) ? name : SHARED;
  }
}
