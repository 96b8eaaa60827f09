import { Trap } from '../trap.ts';

/** What the lists within one value may come to on the host's side, about, in bytes. */
const MAX_LIFTED = 2 ** 27;

/**
 * Bounds what lists of lists make the host hold. A guest may let all inner lists of one value point at the same piece
 * of its memory, and so describe much more than it has.
 */
export class LiftBudget {
  #left = 0;
  #depth = 0;

  /** A list begins whose items are lifted one by one. */
  enter(bytes: number): void {
    if (this.#depth === 0) this.#left = MAX_LIFTED;
    this.#depth += 1;
    this.spend(bytes);
  }

  leave(): void {
    this.#depth -= 1;
  }

  /** Counts bytes that are lifted, where they are part of a list. */
  spend(bytes: number): void {
    if (this.#depth === 0) return;
    this.#left -= bytes;
    if (this.#left >= 0) return;
    this.#depth = 0;
    throw new Trap(`The lists within a value of the guest come to more than ${MAX_LIFTED} bytes.`);
  }
}
