import { inTurn } from './in-turn.ts';
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

  /** There is CPU time again for some that had to wait for it. */
  filled(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      // Now or never: until the budget has filled further, those that have a cell would take it all.
      this.#pump(true);
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
      while (this.#admits(own) && this.#next(own));
      if (own.cells.length === 0 && (own.nested || own.cpu === null || own.cpu.admits)) return own.scaling.class;
    }
    return null;
  }

  /** Resolves when nobody waits. */
  async ended(): Promise<void> {
    if (this.#waiting.size > 0) await new Promise<void>((resolve) => (this.#empty = resolve));
  }

  /** Gives places one by one, each to the function that has the fewest. `starts`: those without a cell ask for one too. */
  #pump(starts = false): void {
    if (this.#options.sheds()) return;
    for (let given = true; given && this.#waiting.size > 0;) {
      const order = this.#waiting.size === 1 ? this.#waiting : inTurn(this.#waiting);
      given = false;
      for (const own of order) {
        given = (starts || own.cells.length > 0) && this.#admits(own) && this.#next(own);
        if (given) break;
      }
    }
  }

  #admits({ cpu, holder }: VersionCells): boolean {
    return this.#options.shares.admits(holder) && (cpu === null || cpu.admits);
  }

  #next(own: VersionCells): boolean {
    const begins = own.pumpOne();
    if (begins) own.cpu?.serves(own.holder);
    return begins;
  }
}
