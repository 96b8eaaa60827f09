/** The short window has so many buckets, and the long one as many of that size as it needs. */
const BUCKETS = 6;

/** How many calls were under way, averaged over two windows of time that end now. Its memory does not grow. */
export class LoadWindow {
  readonly #short: number;
  readonly #long: number;
  readonly #width: number;
  /** A ring: calls under way × ms, of all time before each bucket begins. */
  readonly #before: Float64Array;
  /** The same of all time until now. */
  #total = 0;
  #inFlight = 0;
  #time = NaN;
  #now = 0;
  #busy = -Infinity;

  constructor(long: number, short: number) {
    this.#short = short;
    this.#long = Math.max(long, short);
    this.#width = short / BUCKETS;
    this.#before = new Float64Array(Math.ceil(this.#long / this.#width) + 2);
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
    const last = Math.floor(until / this.#width);
    // After a long time all of them have passed: each is written once.
    const first = Math.max(Math.floor(this.#now / this.#width) + 1, last - this.#before.length + 1);
    for (let bucket = first; bucket <= last; bucket++) {
      this.#before[bucket % this.#before.length] = this.#total + this.#inFlight * (bucket * this.#width - this.#now);
    }
    this.#total += this.#inFlight * passed;
    this.#now = until;
    if (this.#inFlight > 0) this.#busy = until;
  }

  #average(window: number): number {
    const span = Math.min(window, Math.max(this.#now, this.#width));
    return (this.#total - this.#totalAt(this.#now - span)) / span;
  }

  /** Within a bucket that is over, its load counts as even. */
  #totalAt(time: number): number {
    if (time <= 0) return 0;
    const bucket = Math.floor(time / this.#width);
    const begin = this.#before[bucket % this.#before.length]!;
    const last = bucket === Math.floor(this.#now / this.#width);
    const [end, ms] = last
      ? [this.#total, this.#now - bucket * this.#width]
      : [this.#before[(bucket + 1) % this.#before.length]!, this.#width];
    return begin + (ms === 0 ? 0 : ((end - begin) * (time - bucket * this.#width)) / ms);
  }
}
