import type { EventSink } from '../../observe/events.ts';

/** What the process may have in memory, and has: bytes. */
export interface MemoryGauge {
  readonly limit: number;
  used(): number;
}

/** Parts of the limit: above the first idle cells go; above the second no call is taken, until it is below the third. */
const HIGH = 0.85;
const FULL = 0.95;
const CALM = 0.9;
const MIB = 1024 ** 2;

/** Acts before the kernel does: it ends a process that has too much without asking which cell it was. */
export class MemoryGuard {
  readonly #gauge: MemoryGauge | undefined;
  readonly #events: EventSink;
  readonly #now: () => number;
  #used = 0;
  /** Whether calls are refused. */
  sheds = false;

  constructor(gauge: MemoryGauge | undefined, events: EventSink, now: () => number) {
    this.#gauge = gauge;
    this.#events = events;
    this.#now = now;
  }

  get limit(): number {
    return this.#gauge?.limit ?? Infinity;
  }

  get used(): number {
    return this.#used;
  }

  /** Whether idle cells have to go. `busy`: there are cells, which would give something back when they have ended. */
  look(busy: boolean): boolean {
    if (this.#gauge === undefined) return false;
    this.#used = this.#gauge.used();
    const part = this.#used / this.#gauge.limit;
    // Where no cell is left, it is not calls that have the memory, and to refuse all of them helps nobody.
    const sheds = busy && (this.sheds ? part >= CALM : part >= FULL);
    if (sheds !== this.sheds) this.#tell(sheds);
    this.sheds = sheds;
    return part >= HIGH;
  }

  #tell(sheds: boolean): void {
    const mib = (bytes: number) => Math.round(bytes / MIB);
    const has = `The host has ${mib(this.#used)} of ${mib(this.limit)} MiB in memory`;
    this.#events({
      type: 'host',
      time: this.#now(),
      function: '*',
      version: 0,
      level: sheds ? 'error' : 'info',
      message: sheds ? `${has}: calls are refused until cells have ended.` : `${has}: calls are taken again.`,
    });
  }
}
