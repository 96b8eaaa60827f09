import type { Bucket } from './bucket.ts';
import type { PartStore } from './parts.ts';

/**
 * How long, in ms, what is no entry any more stays: longer than servers that crash may take back what they did not sync,
 * which a mark of a deletion must outlive, and than the clocks of hosts differ.
 */
export const KEPT = 10 * 60_000;
/** Parts that nothing names after this time, in ms, are of a write that came to nothing. */
const ABANDONED = 60 * 60_000;
const EVERY = 60_000;
const WHOLE_EVERY = 60 * 60_000;
const AT_ONCE = 16;

export interface Later {
  readonly revision: number;
  /** From when on nobody needs it, milliseconds since the epoch. */
  readonly at: number;
  readonly parts?: string | undefined;
}

/** What else is swept at the same times. */
export interface Swept {
  sweep(): Promise<void>;
  sweepWhole(): Promise<void>;
}

export interface SweeperOptions {
  readonly bucket: Bucket;
  readonly parts: PartStore;
  readonly now: () => number;
  /** Whether the server takes away by itself what has a time to live. */
  readonly byServer: boolean;
}

/**
 * Takes away what is no entry any more. A host remembers what it wrote itself; what others left is looked for once an hour.
 * A revision is taken away only as such, so an entry that was written anew is safe.
 */
export class Sweeper {
  readonly #bucket: Bucket;
  readonly #parts: PartStore;
  readonly #now: () => number;
  readonly #byServer: boolean;
  /** By subject: what was written over has nothing to be taken away. */
  readonly #waiting = new Map<string, Later>();
  readonly #others: Swept[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wholeAt: number;
  #stopped = false;

  constructor({ bucket, parts, now, byServer }: SweeperOptions) {
    this.#bucket = bucket;
    this.#parts = parts;
    this.#now = now;
    this.#byServer = byServer;
    // Not all hosts at once.
    this.#wholeAt = now() + EVERY + Math.random() * WHOLE_EVERY;
  }

  later(subject: string, message: Later): void {
    if (!this.#byServer) this.#waiting.set(subject, message);
  }

  /** What was written there stays. */
  never(subject: string): void {
    this.#waiting.delete(subject);
  }

  /** Nothing names these parts any more. Where they cannot be taken away now, the look at everything will find them. */
  discard(id: string): void {
    this.#parts.remove(id).catch(() => {});
  }

  also(swept: Swept): void {
    this.#others.push(swept);
  }

  start(): void {
    this.#timer = setTimeout(() => void this.#tick(), EVERY);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async sweep(): Promise<void> {
    const now = this.#now();
    const due = [...this.#waiting].filter(([, { at }]) => at <= now);
    for (const [subject] of due) this.#waiting.delete(subject);
    await this.#remove(due.map(([, message]) => message));
    for (const other of this.#others) await other.sweep();
  }

  /** Looks at everything, for what hosts left that are not there any more. */
  async sweepWhole(): Promise<void> {
    const now = this.#now();
    // First: what is begun after this is not among them, and what is named by then is not abandoned.
    const abandoned = await this.#parts.before(now - ABANDONED);
    const due: Later[] = [];
    for (const { head, revision, time } of (await this.#bucket.scan('>')).values()) {
      const at = Math.max(head.expires ?? 0, time) + KEPT;
      if ((head.deleted || head.expires !== undefined) && at <= now) due.push({ revision, at, parts: head.parts?.id });
      else if (head.parts !== undefined) abandoned.delete(head.parts.id);
    }
    await this.#remove(due);
    for (const id of abandoned) await this.#parts.remove(id);
    for (const other of this.#others) await other.sweepWhole();
  }

  async #tick(): Promise<void> {
    try {
      await this.sweep();
      if (this.#now() >= this.#wholeAt) {
        this.#wholeAt = this.#now() + WHOLE_EVERY;
        await this.sweepWhole();
      }
    } catch {
      // The state cannot be reached: what was not taken away is found by the next look at everything.
    }
    if (!this.#stopped) this.start();
  }

  async #remove(due: Later[]): Promise<void> {
    const workers = Array.from({ length: AT_ONCE }, async () => {
      for (let next = due.pop(); next !== undefined; next = due.pop()) {
        await this.#bucket.remove(next.revision);
        if (next.parts !== undefined) await this.#parts.remove(next.parts);
      }
    });
    await Promise.all(workers);
  }
}
