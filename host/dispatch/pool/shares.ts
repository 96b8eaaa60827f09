/** What one function has of the places of its host. */
export interface Holder {
  /** Calls under way. */
  calls: number;
  /** Calls that wait. */
  waiting: number;
  /** Whether it is one of those between whom the places are divided. */
  active: boolean;
}

/** The last of the places, for functions that have less than their share: so none waits behind one that took all others. */
const RESERVE = 0.1;

/**
 * A host's places for calls, divided so that the least that a function gets is as much as can be (max-min fairness): while
 * there are enough, everyone takes what they want; after that each freed place goes to the one that has the fewest. What is
 * taken is not taken back, so the last tenth is for those below their share.
 */
export class Shares {
  readonly #bound: number;
  readonly #common: number;
  #taken = 0;
  #active = 0;

  constructor(bound: number) {
    this.#bound = bound;
    this.#common = bound === Infinity ? Infinity : Math.max(1, bound - Math.ceil(bound * RESERVE));
  }

  get bound(): number {
    return this.#bound;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Whether a function may have one more place. */
  admits({ calls, active }: Holder): boolean {
    if (this.#taken < this.#common) return true;
    // One share is left for who comes next.
    return this.#taken < this.#bound && calls < this.#bound / (active ? this.#active + 1 : this.#active + 2);
  }

  /** More or fewer calls of a function are under way. */
  change(holder: Holder, by: number): void {
    holder.calls += by;
    this.#taken += by;
    this.look(holder);
  }

  /** Looks whether the function counts as one that wants places. */
  look(holder: Holder): void {
    const active = holder.calls > 0 || holder.waiting > 0;
    if (active === holder.active) return;
    holder.active = active;
    this.#active += active ? 1 : -1;
  }
}
