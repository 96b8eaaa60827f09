/** How many runs may go on at once, and who is told when one has ended. */
export class Slots {
  #free: number;
  readonly #waiters = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  get free(): number {
    return this.#free;
  }

  take(count: number): void {
    this.#free -= count;
  }

  /** Gives back what was taken and not needed. */
  give(count: number): void {
    this.#free += count;
  }

  /** A run has ended. */
  end(): void {
    this.#free++;
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of waiters) waiter();
  }

  /** Calls `waiter` when the next run has ended. */
  wait(waiter: () => void): void {
    this.#waiters.add(waiter);
  }
}
