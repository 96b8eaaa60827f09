import { BriefMap } from './brief-map.ts';
import type { Call } from './call.ts';

/** A response that has gone on for so long, in ms, is no work any more: somebody listens to it, as to a WebSocket. */
const LISTENED = 30_000;

/** What became of a call that is not under way any more, and has not ended. */
type Aside =
  /** A WebSocket, or a response that somebody listens to. */
  | 'open'
  /** Its time is up, and its handler goes on. */
  | 'abandoned';

export interface CallTableOptions {
  /** Called when there are fewer under way. */
  readonly changed: () => void;
  /** Whether long responses count all the while: where the author has said how many there may be. */
  readonly strict: boolean;
}

/** The calls of a cell, and how many of them are under way. */
export class CallTable {
  readonly #options: CallTableOptions;
  readonly #calls = new BriefMap<Call>();
  readonly #aside = new Map<Call, Aside>();
  /** By when they began. */
  readonly #responses = new Map<Call, number>();
  #coming = 0;
  #abandoned = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CallTableOptions) {
    this.#options = options;
  }

  /** All that have not ended. */
  get size(): number {
    return this.#calls.size;
  }

  get underWay(): number {
    return this.#calls.size + this.#coming - this.#aside.size;
  }

  /** Those whose clients are there for as long as they like. */
  get open(): number {
    return this.#aside.size - this.#abandoned;
  }

  get abandoned(): number {
    return this.#abandoned;
  }

  get(id: number): Call | undefined {
    return this.#calls.get(id);
  }

  values(): Iterable<Call> {
    return this.#calls.values();
  }

  /** One waits for the cell to start; `came` when it does so no more. */
  comes(): void {
    this.#coming++;
  }

  came(): void {
    this.#coming--;
  }

  add(call: Call): void {
    this.#calls.set(call.id, call);
  }

  remove(id: number): void {
    const call = this.#calls.get(id);
    if (call === undefined) return;
    this.#calls.delete(id);
    if (this.#aside.size > 0 && this.#aside.get(call) === 'abandoned') this.#abandoned--;
    if (this.#aside.size > 0) this.#aside.delete(call);
    if (this.#responses.size > 0) this.#responses.delete(call);
  }

  /** Gives those that there were. */
  clear(): Call[] {
    const calls = this.#calls.values();
    for (const each of [this.#calls, this.#aside, this.#responses]) each.clear();
    this.#abandoned = 0;
    clearTimeout(this.#timer);
    return calls;
  }

  stepAside(call: Call, why: Aside): void {
    const before = this.#aside.get(call);
    if (before === why || !this.#calls.has(call.id)) return;
    if (before === 'abandoned') this.#abandoned--;
    if (why === 'abandoned') this.#abandoned++;
    this.#aside.set(call, why);
    this.#options.changed();
  }

  /** The response of a call has begun, and goes on. */
  responds(call: Call): void {
    if (this.#options.strict) return;
    this.#responses.set(call, performance.now());
    this.#timer ??= setTimeout(this.#look, LISTENED).unref();
  }

  #look = (): void => {
    this.#timer = undefined;
    const now = performance.now();
    for (const [call, since] of this.#responses) {
      if (now - since < LISTENED / 2) continue;
      this.#responses.delete(call);
      this.stepAside(call, 'open');
    }
    if (this.#responses.size > 0) this.#timer = setTimeout(this.#look, LISTENED).unref();
  };
}
