import { isSelected, type Field, type Selector } from '../cache/vary.ts';

/** Hints that came with a response. */
export interface Hints {
  /** The requests that they are for, where there are others; null: for all. */
  readonly selectors: readonly Selector[] | null;
  /** The header that they were read from. */
  readonly field: string;
  /** Of the response that tells of them: name, value, name, value… */
  readonly lines: readonly string[];
}

interface Kept {
  readonly variants: readonly Hints[];
  readonly weight: number;
}

export interface HintBounds {
  readonly entries: number;
  readonly bytes: number;
}

/** Of one URL; the oldest goes. */
const MOST_VARIANTS = 8;
/** Bytes, about, besides texts. */
const ENTRY_WEIGHT = 256;
const LINE_WEIGHT = 32;

/** Hints by the URL that they are for, within so many bytes: those go that were asked for longest ago. */
export class HintMemory {
  readonly #kept = new Map<string, Kept>();
  readonly #most: HintBounds;
  #weight = 0;

  constructor(most: HintBounds) {
    this.#most = most;
  }

  get size(): number {
    return this.#kept.size;
  }

  get weight(): number {
    return this.#weight;
  }

  find(key: string, field: Field): Hints | null {
    const found = this.#kept.get(key);
    if (found === undefined) return null;
    this.#kept.delete(key);
    this.#kept.set(key, found);
    for (const hints of found.variants) if (isSelected(hints.selectors, field)) return hints;
    return null;
  }

  /** In place of those that are for the same request. */
  put(key: string, hints: Hints, field: Field): void {
    this.#set(key, [hints, ...this.#others(key, field)].slice(0, MOST_VARIANTS));
  }

  /** Those that are for this request. */
  delete(key: string, field: Field): void {
    this.#set(key, this.#others(key, field));
  }

  #others(key: string, field: Field): readonly Hints[] {
    return this.#kept.get(key)?.variants.filter(({ selectors }) => !isSelected(selectors, field)) ?? [];
  }

  #set(key: string, variants: readonly Hints[]): void {
    this.#remove(key);
    if (variants.length === 0) return;
    const weight = variants.reduce((sum, hints) => sum + weightOf(hints), ENTRY_WEIGHT + 2 * key.length);
    if (weight > this.#most.bytes) return;
    this.#kept.set(key, { variants, weight });
    this.#weight += weight;
    for (const first of this.#kept.keys()) {
      if (this.#weight <= this.#most.bytes && this.#kept.size <= this.#most.entries) break;
      this.#remove(first);
    }
  }

  #remove(key: string): void {
    const found = this.#kept.get(key);
    if (found === undefined) return;
    this.#kept.delete(key);
    this.#weight -= found.weight;
  }
}

function weightOf({ selectors, field, lines }: Hints): number {
  const chosen = selectors?.reduce((sum, [name, value]) => sum + 2 * (name.length + (value?.length ?? 0)) + LINE_WEIGHT, 0) ?? 0;
  const said = lines.reduce((sum, line) => sum + 2 * line.length + LINE_WEIGHT, 0);
  return ENTRY_WEIGHT + 2 * field.length + chosen + said;
}
