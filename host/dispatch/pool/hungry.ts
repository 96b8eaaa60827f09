import type { Shares } from './shares.ts';
import type { VersionCells } from './version-cells.ts';

export interface HungryOptions {
  readonly shares: Shares;
  readonly now: () => number;
  /** Whether calls are refused, for want of memory. */
  readonly sheds: () => boolean;
}

/** How often at most, in ms, cells are asked for that nobody had room for: it takes a look at all others. */
const FEED_EVERY = 5;

/** The versions with calls that wait, and whose turn it is. */
export class Hungry {
  readonly #options: HungryOptions;
  readonly #waiting = new Set<VersionCells>();
  #fedAt = -Infinity;
  #pumping = false;
  #empty: (() => void) | undefined;

  constructor(options: HungryOptions) {
    this.#options = options;
  }

  /** Whether calls of this version wait has changed. */
  look(own: VersionCells): void {
    if (own.waiting > 0) {
      this.#waiting.add(own);
      return;
    }
    this.#waiting.delete(own);
    if (this.#waiting.size === 0) this.#empty?.();
  }

  /** A place has come free in a cell of this version. `idle`: nothing runs there, so it may make room for others. */
  released(own: VersionCells, idle: boolean): void {
    if (this.#waiting.size === 0 || this.#pumping) return;
    // What begins here may end at once, and free a place: that is seen by the loop that is under way.
    this.#pumping = true;
    try {
      if (own.waiting > 0) own.pumpNested();
      this.#pump();
      const time = idle ? this.#options.now() : 0;
      if (idle && time - this.#fedAt >= FEED_EVERY) this.feed(time);
    } finally {
      this.#pumping = false;
    }
  }

  /** There is room for a cell: those that have none ask for it at the next chance. */
  roomCame(): void {
    this.#fedAt = -Infinity;
  }

  /** Of those that have no cell, the one that waits longest asks for room. Gives its class where there is none. */
  feed(time: number): string | null {
    this.#fedAt = time;
    if (this.#options.sheds()) return null;
    for (const own of this.#waiting) {
      if (own.cells.length > 0) continue;
      own.pumpNested();
      while (this.#options.shares.admits(own.holder) && own.pumpOne());
      if (own.cells.length === 0) return own.scaling.class;
    }
    return null;
  }

  /** Resolves when nobody waits. */
  async ended(): Promise<void> {
    if (this.#waiting.size > 0) await new Promise<void>((resolve) => (this.#empty = resolve));
  }

  /** Gives places one by one, each to the function that has the fewest. */
  #pump(): void {
    const { shares, sheds } = this.#options;
    if (sheds()) return;
    for (let given = true; given && this.#waiting.size > 0;) {
      const order = this.#waiting.size === 1 ? this.#waiting : [...this.#waiting].sort((a, b) => a.holder.calls - b.holder.calls);
      given = false;
      for (const own of order) {
        given = own.cells.length > 0 && shares.admits(own.holder) && own.pumpOne();
        if (given) break;
      }
    }
  }
}
