export interface KeptTableOptions<Table> {
  read(): Promise<Table>;
  readonly now: () => number;
  /** `Platform.registryMaxAge` */
  readonly maxAge: number;
}

/** What was read of the registry, as long as it is young and nobody has said that it has changed. */
export class KeptTable<Table> {
  readonly #options: KeptTableOptions<Table>;
  #known: { readonly table: Table; readonly readAt: number } | undefined;
  #changes = 0;

  constructor(options: KeptTableOptions<Table>) {
    this.#options = options;
  }

  /** At once where it is known. */
  get(): Table | Promise<Table> {
    const { now, maxAge } = this.#options;
    const time = now();
    return this.#known !== undefined && time - this.#known.readAt <= maxAge ? this.#known.table : this.#read(time);
  }

  forget(): void {
    this.#changes++;
    this.#known = undefined;
  }

  async #read(readAt: number): Promise<Table> {
    const changes = this.#changes;
    const table = await this.#options.read();
    // What changed while it was read may not be in it.
    if (changes === this.#changes) this.#known = { table, readAt };
    return table;
  }
}
