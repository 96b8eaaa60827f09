import type { LoadedVersion } from '../../dispatch/cell.ts';

/** How a version that fails is kept out of its aliases. */
export interface EjectionTerms {
  /** Until when nobody is sent to it; milliseconds. */
  readonly until: number;
  /** How many may go to it then, at once, and for how long one of them counts. */
  readonly probes: number;
  readonly patience: number;
  /** The share of an alias's weight that may be out. */
  readonly most: number;
}

interface Ejection extends EjectionTerms {
  /** When each probe that was sent counts no more. */
  readonly sent: number[];
}

/** In ms: of a version that no alias deals any more nobody hears again. */
const FORGOTTEN = 3_600_000;

/** The versions whose circuit is not closed. In memory, of one host. */
export class Ejections {
  readonly #out = new Map<LoadedVersion, Ejection>();

  /** Whether there are any: else nobody has to look. */
  get any(): boolean {
    return this.#out.size > 0;
  }

  eject(version: LoadedVersion, terms: EjectionTerms, time: number): void {
    for (const [other, { until }] of this.#out) if (until + FORGOTTEN < time) this.#out.delete(other);
    this.#out.set(version, { ...terms, sent: [] });
  }

  restore(version: LoadedVersion): void {
    this.#out.delete(version);
  }

  /** The share of the alias's weight that may be out, where this one is; null where it is not. */
  mostOf(version: LoadedVersion): number | null {
    return this.#out.get(version)?.most ?? null;
  }

  /** Whether a request may find out how it is now. Who asks sends one, if so. */
  probe(version: LoadedVersion, time: number): boolean {
    const ejection = this.#out.get(version);
    if (ejection === undefined) return true;
    const { until, sent, probes, patience } = ejection;
    if (time < until) return false;
    while (sent.length > 0 && sent[0]! <= time) sent.shift();
    if (sent.length >= probes) return false;
    sent.push(time + patience);
    return true;
  }
}
