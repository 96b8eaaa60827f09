/** Ms that an end waits for others, and how many of them do not wait any longer. */
const GATHER = 5;
const MANY = 16;

/**
 * Ends of runs, written together where they come together: what then takes the time, a sync of the disk, is the same for
 * one as for many, and the slots that they leave are filled together too.
 */
export class Ends {
  readonly #alone: () => boolean;
  #waiting: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param alone whether no further run is under way, of which the end could be waited for */
  constructor(alone: () => boolean) {
    this.#alone = alone;
  }

  /** Resolves when it is time to write. */
  gathered(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length >= MANY || this.#alone()) this.#flush();
      else this.#timer ??= setTimeout(() => this.#flush(), GATHER);
    });
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
