import { KeptTable } from './kept-table.ts';

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
  readonly #table: KeptTable<ReadonlyMap<string, readonly Entry[]>>;

  constructor({ read, placeOf, now, maxAge }: LiveRulesOptions<Entry>) {
    this.#table = new KeptTable({ read: async () => Map.groupBy(await read(), placeOf), now, maxAge });
  }

  /** At once where they are known: writes ask for them. */
  of(place: string): readonly Entry[] | Promise<readonly Entry[]> {
    const table = this.#table.get();
    return table instanceof Promise ? table.then((late) => late.get(place) ?? NONE) : (table.get(place) ?? NONE);
  }

  forget(): void {
    this.#table.forget();
  }
}

const NONE: readonly never[] = [];
