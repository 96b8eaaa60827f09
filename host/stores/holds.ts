/** Names that are in use, and may not be removed until they are not. */
export class Holds {
  readonly #remove: (names: readonly string[]) => Promise<void>;
  readonly #held = new Map<string, number>();
  readonly #doomed = new Set<string>();

  constructor(remove: (names: readonly string[]) => Promise<void>) {
    this.#remove = remove;
  }

  /** What it gives ends the hold, once. */
  hold(names: readonly string[]): () => void {
    for (const name of names) this.#held.set(name, (this.#held.get(name) ?? 0) + 1);
    let over = false;
    return () => {
      if (over) return;
      over = true;
      for (const name of names) this.#release(name);
    };
  }

  /** Those in use go later. */
  async remove(names: readonly string[]): Promise<void> {
    for (const name of names) if (this.#held.has(name)) this.#doomed.add(name);
    const free = names.filter((name) => !this.#held.has(name));
    if (free.length > 0) await this.#remove(free);
  }

  #release(name: string): void {
    const others = this.#held.get(name)! - 1;
    if (others > 0) return void this.#held.set(name, others);
    this.#held.delete(name);
    // Who read it does not wait for this; what fails here, the next sweep does.
    if (this.#doomed.delete(name)) this.#remove([name]).catch(() => {});
    return undefined;
  }
}
