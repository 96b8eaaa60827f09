import type { CellEvent, EventSink } from '../../observe/events.ts';
import { Budgets, type FullBudget, type Wanted } from './budgets.ts';
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
/** How often at most, in ms, cells are looked for that others can spare: each call that waits asks for them. */
const SPARE_EVERY = 20;

type Missing = FullBudget & { readonly bytes: number };

/** The room that a host has for cells, and who makes some for others. */
export class Room {
  readonly budgets: Budgets;
  readonly #options: RoomOptions;
  #spareAt = -Infinity;

  constructor(options: RoomOptions) {
    this.#options = options;
    this.budgets = new Budgets(options.limits);
  }

  /**
   * What a cell of a class counts as, which is taken; null where there is no room. For the `first` cell of a version idle
   * ones make some. For one more those do that nothing calls, of what they have beside their last one.
   */
  take(wanted: Wanted, first: boolean): number | null {
    const { class: name } = wanted;
    const missing = this.budgets.missing(wanted);
    if (missing !== null) {
      if (first) this.#evict(name, missing);
      else this.#evictSpare(name, missing);
      if (this.budgets.missing(wanted) !== null) return null;
    }
    const bytes = this.budgets.priceOf(wanted);
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
  measure(wanted: Wanted, pooled: PooledCell): void {
    const { memory } = pooled.cell;
    if (memory === null || !pooled.accounted) return;
    const bytes = this.budgets.measured(wanted, memory);
    this.budgets.change(wanted.class, bytes - pooled.bytes);
    pooled.bytes = bytes;
  }

  /** Some idle cells go: the process has too much in memory. */
  relieve(): void {
    const cells = this.#cells();
    const idle = cells.filter(({ pooled }) => pooled.idle).length;
    this.#drop(
      evict(cells.map(counted), Math.ceil(idle * PART)).victims.map((index) => cells[index]!),
      'rss',
    );
  }

  /** The version that has the most cells in the memory of a class gives up the least busy one, when that has ended what it runs: others have none. */
  trim(name: string): void {
    let most: VersionCells | undefined;
    for (const own of this.#options.versions()) {
      if (this.budgets.shares(own.scaling.class, name) && own.cells.length > Math.max(1, own.min, most?.cells.length ?? 0)) most = own;
    }
    const least = most?.cells.toSorted((a, b) => a.inFlight - b.inFlight)[0];
    if (most && least) most.drop(least, 'others have no cell');
  }

  #evict(name: string, missing: Missing): void {
    const cells = this.#within(name, missing, this.#cells());
    const victims = victimsOf(cells, missing);
    if (victims.length > 0 || this.#options.exact) return this.#drop(victims, missing.budget);
    const oldest = cells.toSorted((a, b) => a.pooled.used - b.pooled.used)[0];
    if (oldest) this.#drop([oldest], missing.budget);
  }

  #evictSpare(name: string, missing: Missing): void {
    const time = this.#options.now();
    if (time - this.#spareAt < SPARE_EVERY) return;
    this.#spareAt = time;
    const quiet = this.#cells(1).filter(({ own }) => own.calls === 0 && own.waiting === 0);
    this.#drop(victimsOf(this.#within(name, missing, quiet), missing), missing.budget);
  }

  /** Those of which something comes free that is missing. */
  #within(name: string, missing: Missing, cells: readonly Placed[]): readonly Placed[] {
    return missing.budget === 'cells' ? cells : cells.filter(({ own }) => this.budgets.shares(own.scaling.class, name));
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

  /** @param least what each version keeps in any case */
  #cells(least = 0): Placed[] {
    return [...this.#options.versions()].flatMap((own) => {
      const owner = { cells: own.cells.length, min: Math.max(least, own.min) };
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

/** Those that go, so that there is what is missing. */
function victimsOf(cells: readonly Placed[], { budget, bytes }: Missing): Placed[] {
  const candidates = budget === 'cells' ? cells.map(counted) : cells.map((each) => ({ ...counted(each), bytes: each.pooled.bytes }));
  return evict(candidates, budget === 'cells' ? 1 : bytes).victims.map((index) => cells[index]!);
}

/** Each counts as one. */
function counted({ owner, pooled }: Placed): Evictable {
  return { inFlight: pooled.idle ? 0 : Math.max(1, pooled.inFlight), used: pooled.used, bytes: 1, owner };
}
