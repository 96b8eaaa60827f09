/** Parts of a period that go one by one. */
const PARTS = 10;

/** Two counts of what was in the last `period`, to a tenth of it. */
export class Window {
  readonly #part: number;
  readonly #counts = new Float64Array(PARTS * 2);
  /** The part that is counted in. */
  #current = -Infinity;

  /** @param period milliseconds */
  constructor(period: number) {
    this.#part = period / PARTS;
  }

  /** @param time milliseconds since any moment, the same for all calls */
  add(time: number, first: number, second: number): void {
    const at = this.#at(time) * 2;
    this.#counts[at]! += first;
    this.#counts[at + 1]! += second;
  }

  sums(time: number): readonly [first: number, second: number] {
    this.#at(time);
    let [first, second] = [0, 0];
    for (let at = 0; at < PARTS * 2; at += 2) {
      first += this.#counts[at]!;
      second += this.#counts[at + 1]!;
    }
    return [first, second];
  }

  clear(): void {
    this.#counts.fill(0);
  }

  /** Empties what has come round again. A clock that goes back counts in the part where it was. */
  #at(time: number): number {
    const part = Math.max(Math.floor(time / this.#part), this.#current);
    const passed = part - this.#current;
    if (passed >= PARTS) this.clear();
    else for (let each = this.#current + 1; each <= part; each++) this.#counts.fill(0, (each % PARTS) * 2, (each % PARTS) * 2 + 2);
    this.#current = part;
    return part % PARTS;
  }
}
