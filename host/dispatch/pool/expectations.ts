/** Of more, those that come last are forgotten: who knows them says so again. */
const MAX = 64;

/** Times at which calls will come, with the cells that they need. */
export class Expectations {
  readonly #lead: number;
  readonly #hold: number;
  /** In the order of their times. */
  readonly #list: { readonly at: number; cells: number }[] = [];

  constructor(lead: number, hold: number) {
    this.#lead = lead;
    this.#hold = hold;
  }

  add(at: number, cells: number): void {
    const list = this.#list;
    let index = list.length;
    while (index > 0 && list[index - 1]!.at > at) index--;
    const before = list[index - 1];
    if (before?.at === at) before.cells = Math.max(before.cells, cells);
    else list.splice(index, 0, { at, cells });
    if (list.length > MAX) list.pop();
  }

  cellsAt(time: number): number {
    const list = this.#list;
    while (list.length > 0 && list[0]!.at + this.#hold <= time) list.shift();
    let cells = 0;
    for (const each of list) {
      if (each.at - this.#lead > time) break;
      cells = Math.max(cells, each.cells);
    }
    return cells;
  }

  /** When `cellsAt` changes next; Infinity where it does not. */
  next(time: number): number {
    let next = Infinity;
    for (const { at } of this.#list) {
      if (at + this.#hold > time) next = Math.min(next, at + this.#hold);
      if (at - this.#lead > time) next = Math.min(next, at - this.#lead);
    }
    return next;
  }
}
