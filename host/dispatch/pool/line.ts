/** A call that waits for a cell. */
export interface Waiting<Place> {
  /** Its turn has come. */
  go(place: Place): void;
}

interface Link<Place> {
  readonly waiting: Waiting<Place>;
  before: Link<Place> | null;
  after: Link<Place> | null;
  stands: boolean;
}

/** Calls that wait, the first of which goes first; whoever leaves does so from any place, in one step. */
export class Line<Place> {
  #first: Link<Place> | null = null;
  #last: Link<Place> | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Gives what leaves the line; false where it does not stand in it any more. */
  join(waiting: Waiting<Place>): () => boolean {
    const link: Link<Place> = { waiting, before: this.#last, after: null, stands: true };
    if (this.#last === null) this.#first = link;
    else this.#last.after = link;
    this.#last = link;
    this.#size++;
    return () => this.#leave(link);
  }

  /** Takes the first one out of a line that has one. */
  next(): Waiting<Place> {
    const link = this.#first!;
    this.#leave(link);
    return link.waiting;
  }

  #leave(link: Link<Place>): boolean {
    if (!link.stands) return false;
    const { before, after } = link;
    if (before === null) this.#first = after;
    else before.after = after;
    if (after === null) this.#last = before;
    else after.before = before;
    link.stands = false;
    this.#size--;
    return true;
  }
}
