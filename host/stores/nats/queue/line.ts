import type { Backlog } from '../../queue.ts';
import { Turns } from '../../queue-turns.ts';
import type { Item } from './names.ts';

export interface Batch {
  /** Of its queue, and its own name. */
  readonly place: string;
  readonly revision: number;
  readonly rows: readonly Row[];
  /** Of large ones. */
  readonly parts: string | null;
  /** Those that are not acked. */
  left: number;
}

/** A message of a queue, as this host knows it. */
export interface Row extends Item {
  readonly batch: Batch;
  readonly index: number;
  due: number;
  attempts: number;
  pin: string | null;
  /** Revision of its claim; 0 where it has none. */
  claim: number;
  lease: string | null;
  until: number;
  done: boolean;
}

/** The messages of one queue. */
export class Line {
  readonly batches = new Map<string, Batch>();
  /** Those that nobody has leased, by the time when they are due. */
  readonly waiting: Row[] = [];
  readonly leased = new Set<Row>();
  /** Those that this host tries to lease just now. */
  readonly taken = new Set<Row>();
  /** Settlements under way. */
  readonly settling = new Set<Promise<unknown>>();
  /** By key: those that are not acked, in the order in which they were sent. */
  readonly #turns = new Map<string, Row[]>();
  #messages = 0;
  #bytes = 0;

  add(batch: Batch): void {
    this.batches.set(batch.place, batch);
    for (const row of batch.rows) {
      this.#messages++;
      this.#bytes += row.size;
      this.#place(row);
      if (row.key !== undefined) this.#queueUp(row.key, row);
    }
  }

  remove(batch: Batch): void {
    this.batches.delete(batch.place);
    for (const row of batch.rows) this.#finish(row);
  }

  /** Changes where a row stands. */
  change(row: Row, change: Partial<Pick<Row, 'due' | 'attempts' | 'pin' | 'claim' | 'lease' | 'until' | 'done'>>): void {
    if (row.done) return;
    if (change.done === true) return this.#finish(Object.assign(row, { claim: change.claim ?? row.claim }));
    const taken = this.taken.has(row);
    this.#displace(row);
    Object.assign(row, change);
    if (!taken) this.#place(row);
    return undefined;
  }

  /** Takes those that are ready. */
  take(rows: readonly Row[]): void {
    for (const row of rows) {
      this.#displace(row);
      this.taken.add(row);
    }
  }

  /** They were taken, and stand where they are now. */
  putBack(rows: readonly Row[]): void {
    for (const row of rows) if (this.taken.delete(row) && !row.done) this.#place(row);
  }

  backlog(): Backlog {
    const first = this.rows(1)[0];
    return { messages: this.#messages, bytes: this.#bytes, oldest: first?.sent ?? null };
  }

  /** Those that wait, are due, and have nothing with their key before them; `limit` at most. */
  ready(time: number, limit: number): Row[] {
    const turns = new Turns<Row>((key, row) => {
      const rows = this.#turns.get(key)!;
      return rows[row === undefined ? 0 : rows.indexOf(row) + 1];
    });
    const rows: Row[] = [];
    for (const row of this.waiting) {
      if (rows.length === limit || row.due > time) break;
      if (row.key === undefined || turns.take(row.key, row)) rows.push(row);
    }
    return rows;
  }

  /** When the next of those is due that are not yet. */
  next(time: number): number | undefined {
    return this.waiting[placeIn(this.waiting, { due: time, revision: Infinity, index: 0 })]?.due;
  }

  delayed(time: number): number {
    return this.waiting.length - placeIn(this.waiting, { due: time, revision: Infinity, index: 0 });
  }

  /** The first in the order in which they are or become ready. */
  rows(limit: number): Row[] {
    return [...this.waiting.slice(0, limit), ...this.leased, ...this.taken].toSorted(inOrder).slice(0, limit);
  }

  #queueUp(key: string, row: Row): void {
    const rows = this.#turns.get(key) ?? [];
    this.#turns.set(key, rows);
    const { batch, index } = row;
    let at = rows.length;
    while (at > 0 && (rows[at - 1]!.batch.revision - batch.revision || rows[at - 1]!.index - index) > 0) at--;
    rows.splice(at, 0, row);
  }

  #leave(key: string, row: Row): void {
    const rows = this.#turns.get(key)!.filter((each) => each !== row);
    if (rows.length === 0) this.#turns.delete(key);
    else this.#turns.set(key, rows);
  }

  #place(row: Row): void {
    if (row.lease !== null) this.leased.add(row);
    else this.waiting.splice(placeIn(this.waiting, keyOf(row)), 0, row);
  }

  #displace(row: Row): void {
    if (this.leased.delete(row) || this.taken.has(row)) return;
    const at = placeIn(this.waiting, keyOf(row));
    if (this.waiting[at] === row) this.waiting.splice(at, 1);
  }

  #finish(row: Row): void {
    if (row.done) return;
    this.#displace(row);
    this.taken.delete(row);
    row.done = true;
    if (row.key !== undefined) this.#leave(row.key, row);
    row.batch.left--;
    this.#messages--;
    this.#bytes -= row.size;
  }
}

interface Key {
  readonly due: number;
  readonly revision: number;
  readonly index: number;
}

function keyOf({ due, batch: { revision }, index }: Row): Key {
  return { due, revision, index };
}

function inOrder(a: Row, b: Row): number {
  return compare(keyOf(a), keyOf(b));
}

function compare(a: Key, b: Key): number {
  return a.due - b.due || a.revision - b.revision || a.index - b.index;
}

/** Where it stands, or would. */
function placeIn(rows: readonly Row[], key: Key): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(keyOf(rows[middle]!), key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
