/** Something that is due. */
export interface Due {
  happen(now: number): void;
}

interface Entry {
  readonly time: number;
  readonly order: number;
  readonly due: Due;
}

/** Virtual time: it stands still while something happens, and then is that of what is due next. */
export class Events {
  readonly #heap: Entry[] = [];
  #order = 0;
  /** In ms. */
  now = 0;
  /** How many are heard of by promises: time stands still until they have been. */
  expected = 0;

  at(time: number, due: Due): void {
    this.#rise({ time: Math.max(time, this.now), order: this.#order++, due });
  }

  /** So many ms from now; gives what calls it off. */
  after(ms: number, run: () => void): () => void {
    let off = false;
    this.at(this.now + ms, { happen: () => void (off || run()) });
    return () => void (off = true);
  }

  /** Every so many ms. */
  every(ms: number, run: () => void): () => void {
    let off = false;
    const due: Due = {
      happen: (now) => {
        if (off) return;
        this.at(now + ms, due);
        run();
      },
    };
    this.at(this.now + ms, due);
    return () => void (off = true);
  }

  /** Until nothing is due before the end. */
  async run(end: number): Promise<void> {
    for (let entry = this.#heap[0]; entry !== undefined && entry.time < end; entry = this.#heap[0]) {
      this.#takeFirst();
      this.now = entry.time;
      entry.due.happen(entry.time);
      if (this.expected > 0) await promisesHeard();
    }
    this.now = end;
  }

  #rise(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const above = (index - 1) >> 1;
      if (!earlier(entry, heap[above]!)) break;
      heap[index] = heap[above]!;
      index = above;
    }
    heap[index] = entry;
  }

  #takeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let below = 2 * index + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && earlier(heap[below + 1]!, heap[below]!)) below++;
      if (!earlier(heap[below]!, last)) break;
      heap[index] = heap[below]!;
      index = below;
    }
    heap[index] = last;
  }
}

/** Those that are settled, and those that they settle. */
function promisesHeard(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** What was put in first comes first of those at one time: so the same seed gives the same run. */
function earlier(one: Entry, other: Entry): boolean {
  return one.time < other.time || (one.time === other.time && one.order < other.order);
}
