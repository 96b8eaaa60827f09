/** What is looked at of a cell. */
export interface Evictable {
  /** Calls under way. */
  readonly inFlight: number;
  /** When it was used last; of equal ones the first goes first. */
  readonly used: number;
  readonly bytes: number;
  /** Whose it is: the same object for all cells of one. */
  readonly owner: EvictableOwner;
}

export interface EvictableOwner {
  /** How many cells it has. */
  readonly cells: number;
  /** It keeps so many. */
  readonly min: number;
}

export interface Eviction {
  /** Indices of the cells that go, those that were not used for longest first. */
  readonly victims: readonly number[];
  /** What they have; less than was asked for where no more may go. */
  readonly bytes: number;
}

/** Which cells go, so that so many bytes come free: least recently used ones, none with calls, and no owner has too few. */
export function evict(cells: readonly Evictable[], bytes: number): Eviction {
  const victims: number[] = [];
  let freed = 0;
  if (bytes <= 0) return { victims, bytes: freed };
  const taken = new Map<EvictableOwner, number>();
  for (const index of idleOnes(cells)) {
    if (freed >= bytes) break;
    const { owner, bytes: own } = cells[index]!;
    const gone = taken.get(owner) ?? 0;
    if (owner.cells - gone <= owner.min) continue;
    taken.set(owner, gone + 1);
    victims.push(index);
    freed += own;
  }
  return { victims, bytes: freed };
}

function idleOnes(cells: readonly Evictable[]): number[] {
  const idle: number[] = [];
  for (let index = 0; index < cells.length; index++) if (cells[index]!.inFlight === 0) idle.push(index);
  return idle.sort((a, b) => cells[a]!.used - cells[b]!.used);
}
