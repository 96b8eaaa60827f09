/** The short window has so many buckets, and the long one as many of that size as it needs. */
const BUCKETS = 6;

/** How many calls were under way, averaged over two windows of time that end now. Its memory does not grow. */
export class LoadWindow {
  readonly #short: number;
  readonly #long: number;
  readonly #width: number;
  /** A ring: calls under way × ms, for each bucket of time. */
  readonly #sums: Float64Array;
  #inFlight = 0;
  #time = NaN;
  #now = 0;
  #busy = -Infinity;

  constructor(long: number, short: number) {
    this.#short = short;
    this.#long = Math.max(long, short);
    this.#width = short / BUCKETS;
    this.#sums = new Float64Array(Math.ceil(this.#long / this.#width) + 1);
  }

  /** Ms since the first record, by a clock that never goes back. */
  get now(): number {
    return this.#now;
  }

  /** For how many ms no call has been under way; 0 where one is, Infinity where there was none yet. */
  get quiet(): number {
    return this.#inFlight > 0 ? 0 : this.#now - this.#busy;
  }

  get long(): number {
    return this.#average(this.#long);
  }

  get short(): number {
    return this.#average(this.#short);
  }

  record(time: number, inFlight: number): void {
    this.advance(time);
    this.#inFlight = inFlight;
    if (inFlight > 0) this.#busy = this.#now;
  }

  /** Lets time pass, in which as many calls were under way as before. */
  advance(time: number): void {
    // Before the first record, and where the clock went back, no time has passed.
    const passed = time > this.#time ? time - this.#time : 0;
    this.#time = time;
    if (passed === 0) return;
    const until = this.#now + passed;
    const sums = this.#sums;
    let bucket = Math.floor(this.#now / this.#width);
    const last = Math.floor(until / this.#width);
    // After a long time all of them have passed: each is written once.
    if (last - bucket > sums.length) bucket = last - sums.length;
    for (let from = Math.max(this.#now, bucket * this.#width); ; from = bucket * this.#width) {
      const to = Math.min(until, (bucket + 1) * this.#width);
      const slot = bucket % sums.length;
      sums[slot] = (from === bucket * this.#width ? 0 : sums[slot]!) + this.#inFlight * (to - from);
      if (bucket === last) break;
      bucket++;
    }
    this.#now = until;
    if (this.#inFlight > 0) this.#busy = until;
  }

  #average(window: number): number {
    const span = Math.min(window, Math.max(this.#now, this.#width));
    const from = this.#now - span;
    const last = Math.floor(this.#now / this.#width);
    const first = Math.max(0, Math.floor(from / this.#width));
    let sum = 0;
    for (let bucket = first; bucket <= last; bucket++) sum += this.#sums[bucket % this.#sums.length]!;
    // Of the first one, the part within the window.
    if (from > 0) sum -= this.#sums[first % this.#sums.length]! * (from / this.#width - first);
    return sum / span;
  }
}
