export interface LiveRulesOptions<Entry> {
  /** All that are in force. */
  read(): Promise<readonly Entry[]>;
  /** What they are about: where they are looked for. */
  placeOf(entry: Entry): string;
  readonly now: () => number;
  /** `Platform.registryMaxAge` */
  readonly maxAge: number;
}

/** Which queues are told of what happens in which bucket, namespace or database. */
export class LiveRules<Entry> {
  readonly #options: LiveRulesOptions<Entry>;
  #known: { readonly table: ReadonlyMap<string, readonly Entry[]>; readonly readAt: number } | undefined;
  #changes = 0;

  constructor(options: LiveRulesOptions<Entry>) {
    this.#options = options;
  }

  /** At once where they are known: writes ask for them. */
  of(place: string): readonly Entry[] | Promise<readonly Entry[]> {
    const { now, maxAge } = this.#options;
    if (this.#known !== undefined && now() - this.#known.readAt <= maxAge) return this.#known.table.get(place) ?? NONE;
    return this.#read(place);
  }

  forget(): void {
    this.#changes++;
    this.#known = undefined;
  }

  async #read(place: string): Promise<readonly Entry[]> {
    const { read, placeOf, now } = this.#options;
    const readAt = now();
    const changes = this.#changes;
    const table = Map.groupBy(await read(), placeOf);
    // What changed while it was read may not be in it.
    if (changes === this.#changes) this.#known = { table, readAt };
    return table.get(place) ?? NONE;
  }
}

const NONE: readonly never[] = [];
