import type { ContentType, LeasedMessage } from './queue.ts';

/** Where a message stands in the order of its queue. */
export interface Place {
  readonly due: number;
  readonly seq: number;
}

/** A message that nobody has leased, or that a lease has. */
export interface Row extends Place {
  readonly id: string;
  readonly sent: number;
  /** Before a lease that has it. */
  readonly attempts: number;
  readonly type: ContentType;
  readonly pin: string | null;
  readonly origin: string | null;
  readonly group: string | null;
  readonly body: Uint8Array;
}

/** What all fronts of a store may keep, and what they do. A first row each keeps in any case. */
export interface Room {
  /** Of one: rows, and bytes of their bodies. */
  readonly rows: number;
  readonly each: number;
  /** Bytes of all. */
  readonly all: number;
  bytes: number;
}

export const ROOM = { rows: 5_000, each: 6 * 1024 * 1024, all: 16 * 1024 * 1024 } as const;

/**
 * The first messages of a queue that nobody has leased, in memory: so that what was sent a moment ago is leased without being
 * read. It has each one up to its end, and none behind that; of a group that one alone which nothing of it stands before.
 */
export class Front {
  readonly #room: Room;
  /** By `due`, then `seq`. */
  #rows: Row[] = [];
  #bytes = 0;
  /** null where it has all there are. */
  #end: Place | null;

  /** @param empty whether the queue has no message */
  constructor(room: Room, empty: boolean) {
    this.#room = room;
    this.#end = empty ? null : START;
  }

  /** From where there may be more than it has; null where there is none. */
  get end(): Place | null {
    return this.#end;
  }

  get first(): Row | undefined {
    return this.#rows[0];
  }

  get size(): number {
    return this.#rows.length;
  }

  at(index: number): Row | undefined {
    return this.#rows[index];
  }

  has(place: Place): boolean {
    return this.#rows[placeIn(this.#rows, place)]?.seq === place.seq;
  }

  /** Whether one of the first `count` has a group. */
  hasGroup(count: number): boolean {
    for (let at = 0; at < count; at++) if (this.#rows[at]!.group !== null) return true;
    return false;
  }

  /** A message came, or came back. */
  add(row: Row): void {
    if (this.#end !== null && isBefore(this.#end, row)) return;
    const rows = this.#rows;
    let at = rows.length;
    while (at > 0 && isBefore(row, rows[at - 1]!)) at--;
    if (at === rows.length) rows.push(row);
    else rows.splice(at, 0, row);
    this.#count(row.body.byteLength);
    this.#cut();
  }

  /** What was read behind its end, in order, and its end from now on. It is to be leased next, so it takes no heed of its size. */
  extend(read: readonly Row[], end: Place | null): void {
    for (const row of read) {
      this.#rows.push(row);
      this.#count(row.body.byteLength);
    }
    this.#end = end && { due: end.due, seq: end.seq };
  }

  /** How many of the first `limit` are ready. */
  ready(time: number, limit: number): number {
    const most = Math.min(limit, this.#rows.length);
    let count = 0;
    while (count < most && this.#rows[count]!.due <= time) count++;
    return count;
  }

  take(count: number): Row[] {
    const taken = this.#rows.splice(0, count);
    for (const { body } of taken) this.#count(-body.byteLength);
    return taken;
  }

  /** The queue has no message any more. */
  clear(): void {
    this.forget();
    this.#end = null;
  }

  /** What it knows may be wrong. */
  forget(): void {
    this.#count(-this.#bytes);
    this.#rows = [];
    this.#end = START;
  }

  #cut(): void {
    const rows = this.#rows;
    const room = this.#room;
    while (rows.length > 1 && (rows.length > room.rows || this.#bytes > room.each || room.bytes > room.all)) {
      this.#count(-rows.pop()!.body.byteLength);
      const { due, seq } = rows.at(-1)!;
      this.#end = { due, seq };
    }
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#room.bytes += bytes;
  }
}

const START: Place = { due: -1, seq: 0 };

export function isBefore(a: Place, b: Place): boolean {
  return a.due < b.due || (a.due === b.due && a.seq < b.seq);
}

/** Where it stands, or would. */
function placeIn(rows: readonly Row[], place: Place): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(rows[middle]!, place)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** As a lease gives it. */
export function leasedOf({ id, body, type, sent, attempts, pin, origin, group }: Row): LeasedMessage {
  const message = { id, sent, attempts: attempts + 1, type, pin, ...(origin !== null && { origin }), body };
  return group === null ? message : { ...message, group };
}
