/**
 * Which messages of one lease may be taken, where messages of one group have their turns: those that nothing of their group
 * stands before, but what the same lease has. `firstAfter` gives the first of a group that is not acked behind one; undefined is
 * the beginning.
 */
export class Turns<Mark> {
  readonly #firstAfter: (group: string, mark: Mark | undefined) => Mark | undefined;
  /** By group: whose turn it is. */
  readonly #next = new Map<string, Mark | undefined>();

  constructor(firstAfter: (group: string, mark: Mark | undefined) => Mark | undefined) {
    this.#firstAfter = firstAfter;
  }

  /** Whether it is its turn; it is taken then. */
  take(group: string, mark: Mark): boolean {
    if (!this.#next.has(group)) this.#next.set(group, this.#firstAfter(group, undefined));
    if (this.#next.get(group) !== mark) return false;
    this.#next.set(group, this.#firstAfter(group, mark));
    return true;
  }
}
