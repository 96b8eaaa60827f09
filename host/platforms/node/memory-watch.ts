import type { Over } from './watch.ts';

/** Bytes. */
export interface Memory {
  /** JavaScript objects, garbage included. */
  readonly heap: number;
  /** ArrayBuffers, garbage included. */
  readonly buffers: number;
}

/** For so many looks, some two seconds, a thread that does not come back may be above its limit: it cannot be told to collect. */
const LOOKS = 130;
/** What is still there after so many collections is no garbage: V8 gives buffers back some time after it has found that nobody has them. */
const COLLECTIONS = 3;
const MB = 2 ** 20;

/** Tells when a thread uses too much memory: what it still has after it has collected its garbage, or far too much. */
export class MemoryWatch {
  readonly #limit: number;
  readonly #collect: () => void;
  #above = 0;
  /** How often it was asked to collect, and has done so. */
  #asked = 0;
  #collected = 0;

  /** @param limit in MB @param collect asks the thread to; `collected` says that it has */
  constructor(limit: number, collect: () => void) {
    this.#limit = limit;
    this.#collect = collect;
  }

  /** Whether it is to be looked at closely. */
  get near(): boolean {
    return this.#above > 0;
  }

  collected(): void {
    if (this.#collected < this.#asked) this.#collected++;
  }

  look({ heap, buffers }: Memory): Over | null {
    const most = this.#limit * MB;
    const seen = Math.max(heap, buffers);
    if (seen <= most) {
      this.#above = 0;
      this.#asked = this.#collected = 0;
      return null;
    }
    this.#above++;
    const done = this.#collected >= COLLECTIONS;
    if (!done && this.#collected === this.#asked) {
      this.#asked++;
      this.#collect();
    }
    if (!done && this.#above < LOOKS && seen <= 2 * most) return null;
    const what = heap > buffers ? 'of JavaScript heap' : 'in ArrayBuffers';
    return {
      code: 'memory-exceeded',
      reason: `its cell had ${Math.round(seen / MB)} MB ${what}, more than the ${this.#limit} MB of limits.memory_mb`,
      details: { limit: this.#limit, seen: Math.round(seen / MB) },
      guilty: null,
    };
  }
}
