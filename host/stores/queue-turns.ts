/**
 * Which messages of one lease may be taken, where messages with one key have their turns: those that nothing with their key
 * stands before, but what the same lease has. `firstAfter` gives the first of a key that is not acked behind one; undefined is
 * the beginning.
 */
export class Turns<Mark> {
  readonly #firstAfter: (key: string, mark: Mark | undefined) => Mark | undefined;
  /** By key: whose turn it is. */
  readonly #next = new Map<string, Mark | undefined>();

  constructor(firstAfter: (key: string, mark: Mark | undefined) => Mark | undefined) {
    this.#firstAfter = firstAfter;
  }

  /** Whether it is its turn; it is taken then. */
  take(key: string, mark: Mark): boolean {
    if (!this.#next.has(key)) this.#next.set(key, this.#firstAfter(key, undefined));
    if (this.#next.get(key) !== mark) return false;
    this.#next.set(key, this.#firstAfter(key, mark));
    return true;
  }
}
