/** One bucket is 1 % wider than the one before. */
const GROWTH = Math.log(1.01);
/** In ms. */
const LEAST = 0.001;

/** In ms. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
}

/** Times in ms, as many as there are, in little memory; percentiles are right to 1 %. */
export class Histogram {
  readonly #counts = new Float64Array(2_400);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(ms: number): void {
    const bucket = ms <= LEAST ? 0 : Math.ceil(Math.log(ms / LEAST) / GROWTH);
    this.#counts[Math.min(bucket, this.#counts.length - 1)]!++;
    this.#count++;
  }

  percentiles(): Percentiles {
    return { p50: this.percentile(0.5), p95: this.percentile(0.95), p99: this.percentile(0.99), p999: this.percentile(0.999) };
  }

  /** The least time that so large a part of them does not exceed; 0 where there are none. */
  percentile(part: number): number {
    if (this.#count === 0) return 0;
    let left = Math.ceil(part * this.#count);
    let bucket = 0;
    for (; bucket < this.#counts.length - 1; bucket++) {
      left -= this.#counts[bucket]!;
      if (left <= 0) break;
    }
    return LEAST * Math.exp(bucket * GROWTH);
  }
}
