/** Names that are counted in one window; of more, the ones that came first are forgotten. */
const MAX_KEYS = 100_000;

/** Names of limiters' keys, and how often each was let through in the present window. In memory alone: nothing is written. */
export class RateCounters {
  readonly #now: () => number;
  /** By scope and period. */
  readonly #windows = new Map<string, Window>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Whether one more call is within the limit. Windows of `period` seconds begin at whole multiples of it, for every key at
   * the same time, as Workers' do.
   */
  take({ scope, key, limit, period }: Taken): boolean {
    const epoch = Math.floor(this.#now() / (period * 1000));
    const name = `${period} ${scope}`;
    let window = this.#windows.get(name);
    if (window?.epoch !== epoch) this.#windows.set(name, (window = { epoch, counts: new Map() }));
    const { counts } = window;
    const count = counts.get(key) ?? 0;
    if (count >= limit) return false;
    if (count === 0 && counts.size >= MAX_KEYS) counts.delete(counts.keys().next().value!);
    counts.set(key, count + 1);
    return true;
  }
}

export interface Taken {
  readonly scope: string;
  readonly key: string;
  readonly limit: number;
  /** Seconds. */
  readonly period: number;
}

interface Window {
  readonly epoch: number;
  readonly counts: Map<string, number>;
}
