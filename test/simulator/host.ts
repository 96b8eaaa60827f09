import { evict } from '../../host/dispatch/pool/evict.ts';
import { SimulatedCell } from './cell.ts';
import { COSTS } from './constants.ts';
import { Cores, type Thread } from './cores.ts';
import type { Events } from './events.ts';
import type { Measure } from './measure.ts';
import { SimulatedPool } from './pool.ts';
import type { Random } from './random.ts';
import type { Settings } from './settings.ts';
import { Call, type Work } from './call.ts';

export interface HostOptions {
  readonly events: Events;
  readonly measure: Measure;
  readonly settings: Settings;
  /** For its policies. */
  readonly random: Random;
}

/** One machine: cores, memory for cells, blank threads, and a pool for each function that it was asked for. */
export class SimulatedHost {
  readonly events: Events;
  readonly measure: Measure;
  readonly settings: Settings;
  readonly cores: Cores;
  readonly #random: Random;
  readonly #pools = new Map<number, SimulatedPool>();
  readonly #cells = new Set<SimulatedCell>();
  /** Pools that got no memory for a cell. */
  readonly #starved = new Set<SimulatedPool>();
  #blanks: number;
  #bytes = 0;
  /** Bytes × ms. */
  #byteTime = 0;
  #changed = 0;

  constructor({ events, measure, settings, random }: HostOptions) {
    this.events = events;
    this.measure = measure;
    this.settings = settings;
    this.cores = new Cores(events, settings.cores);
    this.#random = random;
    this.#blanks = settings.blanks;
  }

  /** A call of the function with this number. */
  accept(id: number, work: Work): void {
    let pool = this.#pools.get(id);
    if (pool === undefined) this.#pools.set(id, (pool = new SimulatedPool(this, this.#random)));
    pool.take(new Call(this.events, work, pool), this.events.now);
  }

  /** False where there is no memory for one more cell. */
  start(pool: SimulatedPool, now: number): boolean {
    const missing = this.#bytes + COSTS.cellBytes - this.settings.budget;
    // For one cell more nobody else gives theirs up.
    if (missing > 0 && (pool.cells > 0 || !this.#evict(missing))) {
      this.#starved.add(pool);
      return false;
    }
    const { slow } = this.settings;
    const cell = new SimulatedCell(pool, {
      cores: this.cores,
      ms: this.#takeBlank() ? COSTS.startWarm : COSTS.startCold,
      slow: slow.each !== Infinity && pool.begun % slow.each === 1 ? slow.times : 1,
      now,
    });
    pool.begun++;
    this.#cells.add(cell);
    this.#account(cell.bytes);
    return true;
  }

  stop(cell: SimulatedCell): void {
    cell.state = 'stopped';
    this.#cells.delete(cell);
    this.#account(-cell.bytes);
    this.idle();
  }

  /** A cell may go now, or has gone. */
  idle(): void {
    for (const pool of this.#starved) {
      this.#starved.delete(pool);
      return pool.retry(this.events.now);
    }
  }

  /** Bytes × ms so far. */
  get byteTime(): number {
    this.#account(0);
    return this.#byteTime;
  }

  #evict(missing: number): boolean {
    const cells = [...this.#cells].filter(({ state }) => state === 'ready');
    const { victims, bytes } = evict(cells, missing);
    if (bytes < missing) return false;
    for (const index of victims) {
      const cell = cells[index]!;
      cell.owner.evicted(cell);
      cell.state = 'stopped';
      this.#cells.delete(cell);
      this.#account(-cell.bytes);
    }
    return true;
  }

  #takeBlank(): boolean {
    if (this.#blanks === 0) return false;
    this.#blanks--;
    const refill: Thread = { computed: () => void this.#blanks++ };
    this.cores.compute(refill, COSTS.blankCpu);
    return true;
  }

  #account(bytes: number): void {
    this.#byteTime += this.#bytes * (this.events.now - this.#changed);
    this.#changed = this.events.now;
    this.#bytes += bytes;
  }
}
