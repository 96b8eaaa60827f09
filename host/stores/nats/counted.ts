import type { Usage } from '../quota.ts';

/** Of an entry that counts; without bytes: there is none any more. */
export interface Kept {
  readonly bytes: number | null;
  readonly revision: number;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

/** The entries of a group with what they take, as one look found them, and what this host has written since. */
export class Counted {
  readonly #now: () => number;
  #entries = new Map<string, Kept>();
  #usage: Usage = { keys: 0, bytes: 0 };
  /** When the first of them expires, or earlier. */
  #soonest = Infinity;
  /** What is written while a look is under way, which may have missed it. */
  #meanwhile: Map<string, Kept> | null = null;

  constructor(now: () => number) {
    this.#now = now;
  }

  get usage(): Readonly<Usage> {
    return this.#usage;
  }

  /** Takes what `look` finds in the place of what was there. */
  async look(look: () => Promise<ReadonlyMap<string, Kept>>): Promise<void> {
    this.#meanwhile = new Map();
    try {
      const found = await look();
      const meanwhile = this.#meanwhile;
      [this.#entries, this.#usage, this.#soonest, this.#meanwhile] = [new Map(), { keys: 0, bytes: 0 }, Infinity, null];
      for (const entries of [found, meanwhile]) for (const [key, kept] of entries) this.set(key, kept);
    } finally {
      this.#meanwhile = null;
    }
  }

  set(key: string, kept: Kept): void {
    this.#meanwhile?.set(key, kept);
    const old = this.#entries.get(key);
    // Acknowledgements may come in another order than they were given in.
    if (old !== undefined && old.revision > kept.revision) return;
    this.#add(old, -1);
    this.#add(kept, 1);
    this.#entries.set(key, kept);
    this.#soonest = Math.min(this.#soonest, kept.expires);
  }

  /** Bytes of the entry; null where there is none. */
  bytesOf(key: string): number | null {
    const kept = this.#entries.get(key);
    if (kept === undefined || kept.expires > this.#now()) return kept?.bytes ?? null;
    this.#remove(key, kept);
    return null;
  }

  removeExpired(): void {
    const now = this.#now();
    if (this.#soonest > now) return;
    this.#soonest = Infinity;
    for (const [key, kept] of this.#entries) {
      if (kept.expires <= now) this.#remove(key, kept);
      else this.#soonest = Math.min(this.#soonest, kept.expires);
    }
  }

  #remove(key: string, kept: Kept): void {
    this.#add(kept, -1);
    this.#entries.delete(key);
  }

  #add(kept: Kept | undefined, sign: 1 | -1): void {
    if (kept === undefined || kept.bytes === null) return;
    this.#usage.keys += sign;
    this.#usage.bytes += sign * kept.bytes;
  }
}
