import type { Store } from '../stores/store.ts';
import { Segment, writePart, type Part, type WriteOptions } from './segment.ts';
import { HOUR, type Counts, type UsageKey } from './usage.ts';

export interface LedgerOptions {
  readonly store: Store;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Whether who counts waits until it is written. */
  readonly exact: boolean;
  /** Whether one request may wait for what another one writes, so that one write does for all that are under way. */
  readonly shares: boolean;
  /** How long an hour is kept, in ms. */
  readonly keep: number;
  readonly waitUntil: (promise: Promise<unknown>) => void;
  /** Could not write; it tries again with what comes next. */
  readonly failed: (error: unknown) => void;
}

/** How long counts are gathered, in ms: at most so much is lost with the process, where it is not exact. */
const GATHER = 1_000;
/** The same where requests wait for it. */
const GATHER_EXACT = 2;

/** What this host has counted since it began, on its way to the store. */
export class Ledger {
  readonly #options: LedgerOptions;
  readonly #write: WriteOptions;
  /** Of one life of one isolate: what comes after it is another. */
  readonly #id = crypto.randomUUID();
  #made = 0;
  readonly #segments = new Map<number, Segment>();
  #gathered: Promise<void> | null = null;
  #flushing: Promise<void> = Promise.resolve();
  /** When somebody has been asked to write what is gathered; 0: nobody. */
  #planned = 0;

  constructor(options: LedgerOptions) {
    this.#options = options;
    const { store, now, keep } = options;
    this.#write = { store, now, keep };
  }

  /**
   * @param time in whose hour it counts
   * @returns when it is in the store; null where nobody has to wait. Never rejects: a store that is away holds no answer back.
   */
  add(time: number, key: UsageKey, counts: Counts): Promise<void> | null {
    const segment = this.#segment(time - (time % HOUR));
    const part = segment.add(key, counts);
    const { exact, shares } = this.#options;
    if (!exact) return this.#later(time);
    return shares ? (this.#gathered ??= this.#together()) : this.#alone(part, segment);
  }

  /** The same of what passes in between, which nobody waits for. */
  pass(time: number, key: UsageKey, counts: Counts): void {
    this.#segment(time - (time % HOUR)).add(key, counts);
    this.#later(time);
  }

  /** Writes all that was counted until now. @throws what the store does */
  flush(): Promise<void> {
    // On workerd no request may wait for what another one has begun.
    if (!this.#options.shares) return this.#flush();
    return (this.#flushing = this.#flushing.catch(() => {}).then(() => this.#flush()));
  }

  #segment(hour: number): Segment {
    let segment = this.#segments.get(hour);
    if (segment === undefined) {
      this.#letGo(hour - HOUR);
      // One that was let go may have had the same hour: never the same id.
      this.#segments.set(hour, (segment = new Segment({ hour, id: `${this.#id}-${this.#made++}` })));
    }
    return segment;
  }

  /** Hours before this one, as far as they are written. */
  #letGo(before: number): void {
    for (const [hour, { parts }] of this.#segments)
      if (hour < before && parts.every((part) => part.written === part.changes)) this.#segments.delete(hour);
  }

  async #together(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, GATHER_EXACT));
    this.#gathered = null;
    await this.flush().catch(this.#again);
  }

  #alone(part: Part, segment: Segment): Promise<void> {
    return writePart(part, segment, this.#write).catch(this.#again);
  }

  /** What could not be written is so a while later, whether or not more comes. */
  #again = (error: unknown): void => {
    this.#options.failed(error);
    this.#later(this.#options.now());
  };

  #later(time: number): null {
    // Whoever was to write may be gone: then the next one does.
    if (time - this.#planned < 2 * GATHER) return null;
    this.#planned = time;
    try {
      this.#options.waitUntil(this.#afterGathering());
    } catch {
      // Outside of any request.
      this.#planned = 0;
    }
    return null;
  }

  async #afterGathering(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, GATHER));
    this.#planned = 0;
    await this.flush().catch(this.#again);
  }

  async #flush(): Promise<void> {
    // In one turn, so that a store which gathers writes has one transaction for them.
    const writes = [...this.#segments.values()].flatMap((segment) =>
      segment.parts.filter((part) => part.written < part.changes).map((part) => writePart(part, segment, this.#write)),
    );
    const results = await Promise.allSettled(writes);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }
}
