interface Expected {
  readonly at: number;
  readonly warm: () => void;
}

/** A cell is asked for so long before a time at which a call is expected, in ms. */
const LEAD = 1_000;
/** Of more, the later ones come to a cell that starts. */
const MAX = 10_000;

/** Calls of functions whose time is known: by the host's clock, which may be moved. */
export class ExpectedCalls {
  readonly #now: () => number;
  readonly #calls = new Map<string, Expected>();

  constructor(now: () => number) {
    this.#now = now;
  }

  add(name: string, call: Expected): void {
    const key = `${call.at} ${name}`;
    if (this.#calls.size < MAX && call.at > this.#now() + LEAD) this.#calls.set(key, call);
  }

  /** Has cells started for those whose time is near. */
  look(): void {
    if (this.#calls.size === 0) return;
    const near = this.#now() + LEAD;
    for (const [key, { at, warm }] of this.#calls) {
      if (at > near) continue;
      this.#calls.delete(key);
      warm();
    }
  }
}
