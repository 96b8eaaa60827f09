import type { Store } from '../../stores/store.ts';

/** What became of a due time. */
export interface RunRecord {
  /** The schedule: its id, or its name where a manifest declares it. */
  readonly schedule: string;
  readonly declared: boolean;
  /** Milliseconds since the epoch, as the other times here. */
  readonly due: number;
  /** The last of those that were missed together, from `due` on. */
  readonly until?: number;
  /** Ms after it should have fired; jitter is no lateness. */
  readonly late: number;
  /** When its handler was called, or when it was found that it would not be. */
  readonly started: number;
  readonly ended: number;
  /** `ok`, the code of an error, or why it did not run: `missed`, `overlap`, `undeclared`; `crashed` fires again. */
  readonly outcome: string;
  readonly attempt: number;
  readonly version: number | null;
  readonly requestId: string | null;
}

/** Of one function, at least; some more are kept until they are swept. */
export const KEPT_RUNS = 500;
const SWEEP_EVERY = 100;
const DIGITS = 16;
/** Keys sort by it, newest first. */
const LATEST = 9_000_000_000_000_000;
const NOTHING = new Uint8Array();

/** The runs of one function's schedules: an entry for each, so that hosts need not wait for each other. */
export class History {
  readonly #store: Store;
  readonly #prefix: string;
  #written = 0;

  constructor(store: Store, prefix: string) {
    this.#store = store;
    this.#prefix = `${prefix}r/`;
  }

  async write(record: RunRecord): Promise<void> {
    const order = [LATEST - record.ended, LATEST - this.#written].map((number) => String(number).padStart(DIGITS, '0'));
    const key = `${this.#prefix}${order.join('-')}/${crypto.randomUUID()}`;
    const sweeps = ++this.#written % SWEEP_EVERY === 0;
    await this.#store.put(key, NOTHING, { metadata: JSON.stringify(record) });
    if (sweeps) await this.#sweep();
  }

  /** Newest first. */
  async list({ limit, schedule }: { limit: number; schedule?: string }): Promise<RunRecord[]> {
    const { keys, metadata } = await this.#store.list({ prefix: this.#prefix, limit: KEPT_RUNS, withMetadata: true });
    const records = keys.map((key) => JSON.parse(metadata!.get(key)!) as RunRecord);
    return records.filter((record) => schedule === undefined || record.schedule === schedule).slice(0, limit);
  }

  async clear(): Promise<void> {
    for (const key of await this.#keys()) await this.#store.delete(key);
  }

  async #sweep(): Promise<void> {
    for (const key of (await this.#keys()).slice(KEPT_RUNS)) await this.#store.delete(key);
  }

  async #keys(): Promise<readonly string[]> {
    return (await this.#store.list({ prefix: this.#prefix, limit: 10 * KEPT_RUNS })).keys;
  }
}
