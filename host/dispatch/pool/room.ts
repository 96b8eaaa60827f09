import type { CellEvent, EventSink } from '../../observe/events.ts';
import { Budgets, type FullBudget } from './budgets.ts';
import { evict, type Evictable, type EvictableOwner } from './evict.ts';
import type { PooledCell } from './pooled-cell.ts';
import type { PoolLimits } from './settings.ts';
import type { VersionCells } from './version-cells.ts';

export interface RoomOptions {
  readonly limits: PoolLimits;
  /** All of them. */
  readonly versions: () => Iterable<VersionCells>;
  /** Whether it is known what a cell does: else one that seems to run something may go as well. */
  readonly exact: boolean;
  readonly events: EventSink;
  readonly now: () => number;
}

/** Of the idle cells so many go at once where the process has too much in memory: what that gives back shows a little later. */
const PART = 0.25;

/** The room that a host has for cells, and who makes some for others. */
export class Room {
  readonly budgets: Budgets;
  readonly #options: RoomOptions;

  constructor(options: RoomOptions) {
    this.#options = options;
    this.budgets = new Budgets(options.limits);
  }

  /** What a cell of a class counts as, which is taken; null where there is no room. `first`: idle ones make some. */
  take(name: string, first: boolean): number | null {
    const missing = this.budgets.missing(name);
    if (missing !== null) {
      // For one cell more nobody else gives theirs up.
      if (!first) return null;
      this.#evict(name, missing);
      if (this.budgets.missing(name) !== null) return null;
    }
    const bytes = this.budgets.priceOf(name);
    this.budgets.take(name, bytes);
    return bytes;
  }

  /** Gives back what a cell had, once, and says whether it has. */
  give(name: string, pooled: PooledCell): boolean {
    if (!pooled.accounted || (pooled.inFlight > 0 && pooled.state !== 'stopped')) return false;
    pooled.accounted = false;
    this.budgets.give(name, pooled.bytes);
    return true;
  }

  /** Counts a cell as what it was measured with. */
  measure(name: string, pooled: PooledCell): void {
    const { memory } = pooled.cell;
    if (memory === null || !pooled.accounted) return;
    const bytes = Math.max(memory, this.budgets.leastOf(name));
    this.budgets.change(name, bytes - pooled.bytes);
    pooled.bytes = bytes;
  }

  /** Some idle cells go: the process has too much in memory. */
  relieve(): void {
    const cells = this.#cells();
    const idle = cells.filter(({ pooled }) => pooled.inFlight === 0).length;
    this.#drop(
      evict(cells.map(counted), Math.ceil(idle * PART)).victims.map((index) => cells[index]!),
      'rss',
    );
  }

  /** The version that has the most cells of a class gives up the least busy one, when that has ended what it runs: others have none. */
  trim(name: string): void {
    let most: VersionCells | undefined;
    for (const own of this.#options.versions()) {
      if (own.scaling.class === name && own.cells.length > Math.max(1, own.min, most?.cells.length ?? 0)) most = own;
    }
    const least = most?.cells.toSorted((a, b) => a.inFlight - b.inFlight)[0];
    if (most && least) most.drop(least, 'others have no cell');
  }

  #evict(name: string, missing: FullBudget & { readonly bytes: number }): void {
    const cells = this.#cells().filter(({ own }) => missing.budget === 'cells' || this.budgets.shares(own.scaling.class, name));
    const candidates =
      missing.budget === 'cells' ? cells.map(counted) : cells.map((each) => ({ ...counted(each), bytes: each.pooled.bytes }));
    const { victims } = evict(candidates, missing.budget === 'cells' ? 1 : missing.bytes);
    if (victims.length > 0 || this.#options.exact)
      return this.#drop(
        victims.map((index) => cells[index]!),
        missing.budget,
      );
    const oldest = cells.toSorted((a, b) => a.pooled.used - b.pooled.used)[0];
    if (oldest) this.#drop([oldest], missing.budget);
  }

  #drop(victims: readonly Placed[], budget: string): void {
    const { events, now } = this.#options;
    for (const { own, pooled } of victims) {
      const { function: name, number: version } = own.version;
      const event: CellEvent = { type: 'cell', time: now(), function: name, version, change: 'evicted', reason: REASONS[budget]! };
      events(event);
      own.drop(pooled, event.reason!);
    }
  }

  #cells(): Placed[] {
    return [...this.#options.versions()].flatMap((own) => {
      const owner = { cells: own.cells.length, min: own.min };
      return own.cells.map((pooled) => ({ own, owner, pooled }));
    });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  cells: 'the host has as many cells as it may have',
  memory: 'the cells of its class have all of their memory',
  rss: 'the host has too much in memory',
};

interface Placed {
  readonly own: VersionCells;
  /** The same object for all cells of one version. */
  readonly owner: EvictableOwner;
  readonly pooled: PooledCell;
}

/** Each counts as one. */
function counted({ owner, pooled }: Placed): Evictable {
  return { inFlight: pooled.inFlight, used: pooled.used, bytes: 1, owner };
}
