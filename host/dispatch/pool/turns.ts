import type { BrinkError } from '../../errors.ts';
import type { Budgets } from './budgets.ts';
import type { MemoryGuard } from './memory-guard.ts';
import type { PooledCell } from './pooled-cell.ts';
import type { Shares } from './shares.ts';
import { hasLeft, overloaded, type Full, type Shedding } from './shedding.ts';
import type { VersionCells } from './version-cells.ts';

export interface WaitOptions {
  /** How many calls of functions it lies inside of. */
  readonly depth: number;
  /** How long it may wait at most, in ms, where `queue_ms` is not less. */
  readonly ms: number;
  /** Aborted when its caller wants it no more; null where nobody says so. */
  readonly signal: AbortSignal | null;
}

export interface TurnsOptions {
  readonly budgets: Budgets;
  readonly shares: Shares;
  readonly guard: MemoryGuard;
  readonly shedding: Shedding;
  /** As `Platform.waitUntil`. */
  readonly waitUntil: (promise: Promise<unknown>) => void;
  /** Has something done once, in so many ms, and gives what calls it off. */
  readonly after: (ms: number, run: () => void) => () => void;
}

/** Calls that wait for their turn, and what they are told where it does not come. */
export class Turns {
  readonly #options: TurnsOptions;

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  /** The cell whose place is kept for a call. @throws {BrinkError} `overloaded` */
  async next(own: VersionCells, { depth, ms, signal }: WaitOptions): Promise<PooledCell> {
    if (signal?.aborted === true) throw hasLeft(own.version);
    const limit = Math.min(ms, own.scaling.queueMs);
    const { promise, resolve, reject } = Promise.withResolvers<PooledCell>();
    const refused = limit <= 0 || (depth === 0 && this.#options.guard.sheds);
    const leave = refused ? undefined : own.join(depth, { go: resolve });
    if (leave === undefined) throw this.shed(own, { depth, waited: null });
    const noTimer = this.#options.after(limit, () => {
      if (leave()) reject(this.shed(own, { depth, waited: limit }));
    });
    const aborted = () => {
      if (leave()) reject(hasLeft(own.version));
    };
    signal?.addEventListener('abort', aborted);
    // A place that is given to someone who has left would be lost: the platform is to keep those who wait.
    this.#options.waitUntil(promise.catch(() => {}));
    try {
      return await promise;
    } finally {
      noTimer();
      signal?.removeEventListener('abort', aborted);
    }
  }

  /** A call is refused. */
  shed(own: VersionCells, { depth, waited }: { depth: number; waited: number | null }): BrinkError {
    own.shed++;
    const error = overloaded({ version: own.version, full: this.#fullOf(own, depth), waiting: own.waiting, waited });
    this.#options.shedding.shed(own.version, error);
    return error;
  }

  #fullOf({ cells, holder, scaling, cpu }: VersionCells, depth: number): Full {
    const { guard, budgets, shares } = this.#options;
    if (depth === 0 && guard.sheds) return { budget: 'rss', limit: guard.limit, used: guard.used };
    if (depth === 0 && cpu?.holds === true) return { budget: 'cpu', class: cpu.name, limit: cpu.cores, short: cpu.short };
    const missing = cells.length === 0 ? budgets.missing(scaling) : null;
    if (missing !== null) return missing;
    if (depth === 0 && !shares.admits(holder)) return { budget: 'calls', limit: shares.bound };
    return { budget: 'concurrency', cells: Math.max(1, cells.length), scaling };
  }
}
