import { Trap } from '../trap.ts';

/** Codes of events, as guests get them. */
export const EVENT = { none: 0, subtask: 1, streamRead: 2, streamWrite: 3, futureRead: 4, futureWrite: 5, cancelled: 6 } as const;

/** What a guest can wait for: a subtask, or one end of a stream or a future. */
export abstract class Waitable {
  /** Its handle, where it has one. */
  index = 0;
  set: WaitableSet | null = null;
  /** Goes on with the one task that waits for this alone, its stack suspended. */
  waiter: (() => void) | null = null;
  pending = false;

  abstract readonly event: number;

  /** The payload of the pending event, which is over with this. */
  abstract take(): number;

  notify(): void {
    if (this.pending) return;
    this.pending = true;
    this.set?.push(this);
    const { waiter } = this;
    if (waiter === null) return;
    this.waiter = null;
    waiter();
  }

  join(set: WaitableSet | null): void {
    this.set?.remove(this);
    this.set = set;
    set?.add(this);
  }
}

export interface Waiter {
  wake(): void;
}

export class WaitableSet {
  /** Who waits for an event, first come first served; null for nobody, as mostly there is one at the most. */
  #waiting: Waiter[] | null = null;
  #members = 0;
  #ready: Waitable[] | null = null;

  get hasEvent(): boolean {
    return this.#ready !== null && this.#ready.length > 0;
  }

  add(waitable: Waitable): void {
    this.#members += 1;
    if (waitable.pending) this.push(waitable);
  }

  remove(waitable: Waitable): void {
    this.#members -= 1;
    this.forget(waitable);
  }

  push(waitable: Waitable): void {
    if (this.#ready === null) this.#ready = [waitable];
    else this.#ready.push(waitable);
    this.wake();
  }

  /** The waitable whose event is the next; the caller takes the event. */
  shift(): Waitable {
    return this.#ready!.shift()!;
  }

  /** Its event is taken without the set. */
  forget(waitable: Waitable): void {
    removeFrom(this.#ready, waitable);
  }

  /** The first of those that wait gets the next event. */
  wait(waiter: Waiter): void {
    if (this.#waiting === null) this.#waiting = [waiter];
    else this.#waiting.push(waiter);
  }

  wake(): void {
    this.#waiting?.[0]?.wake();
  }

  leave(waiter: Waiter): void {
    removeFrom(this.#waiting, waiter);
  }

  release(): void {
    if (this.#members > 0) throw new Trap('A waitable set was dropped with waitables in it.');
    if (this.#waiting !== null && this.#waiting.length > 0) throw new Trap('A waitable set was dropped while a task waits for it.');
  }
}

function removeFrom<Item>(items: Item[] | null, item: Item): void {
  if (items === null || items.length === 0) return;
  if (items.length === 1) {
    if (items[0] === item) items.pop();
    return;
  }
  const at = items.indexOf(item);
  if (at >= 0) items.splice(at, 1);
}
