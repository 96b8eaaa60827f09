/** Buckets for each doubling: a percentile is off by less than 5 %. */
const FINENESS = 8;
/** From a sixteenth of a millisecond to an hour. */
const LEAST = 2 ** -4;
const BUCKETS = 26 * FINENESS;

/**
 * How long calls took in the last one to two periods: counts by length, of which the older half goes at once. It takes the
 * same room however many calls there are.
 */
export class Latencies {
  readonly #period: number;
  #now = new Uint32Array(BUCKETS);
  #before = new Uint32Array(BUCKETS);
  #counts: [now: number, before: number] = [0, 0];
  #turn = -Infinity;

  /** @param period milliseconds */
  constructor(period: number) {
    this.#period = period;
  }

  /** @param time milliseconds since any moment, the same for all calls */
  add(time: number, ms: number): void {
    this.#turnTo(time);
    const at = Math.floor(Math.log2(Math.max(ms, LEAST) / LEAST) * FINENESS);
    this.#now[Math.min(at, BUCKETS - 1)]!++;
    this.#counts[0]++;
  }

  /** Milliseconds that `share` of the calls took at most; null where there were fewer than `least`. */
  percentile(time: number, share: number, least: number): number | null {
    this.#turnTo(time);
    const count = this.#counts[0] + this.#counts[1];
    if (count < least) return null;
    let left = count * share;
    for (let at = 0; at < BUCKETS; at++) {
      left -= this.#now[at]! + this.#before[at]!;
      if (left <= 1e-9) return LEAST * 2 ** ((at + 1) / FINENESS);
    }
    return LEAST * 2 ** (BUCKETS / FINENESS);
  }

  #turnTo(time: number): void {
    const turn = Math.floor(time / this.#period);
    // A clock that goes back counts in the period where it was.
    if (turn <= this.#turn) return;
    if (turn > this.#turn + 1) {
      this.#now.fill(0);
      this.#counts[0] = 0;
    }
    [this.#now, this.#before] = [this.#before.fill(0), this.#now];
    this.#counts = [0, this.#counts[0]];
    this.#turn = turn;
  }
}
