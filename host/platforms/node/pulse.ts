/** What is asked of a thread from outside, which a busy one tells as well. */
export interface Vitals {
  /** Sends a ping; a thread answers once it comes back to its event loop. */
  ping(): void;
  /** CPU time so far, in ms. */
  cpu(): Promise<number>;
  /** How long its event loop has waited so far for something to do, in ms. */
  idle(): number;
}

/** What a thread has run since a ping that it has not answered: one turn of its event loop at least. */
export interface Turn {
  /** CPU time, in ms. */
  readonly cpu: number;
  /** For how many looks on end it has neither used CPU time nor waited for events: it stands still in the middle of its code. */
  readonly still: number;
}

/** Less than this between two looks, in ms, is none. */
const NONE = 1;

/**
 * Tells how long a thread has been in one turn of its event loop. The ping that it does not answer is the beginning; from
 * then on its CPU time counts, not the clock: a thread that only waits for a core has done nothing wrong.
 */
export class Pulse {
  readonly #vitals: Vitals;
  #waiting = false;
  /** When the ping was sent that waits (`performance.now()`). */
  #since = 0;
  /** CPU time when the ping that waits was sent, and at the last look. */
  #began = 0;
  #cpu = 0;
  #idle = 0;
  #still = 0;

  constructor(vitals: Vitals) {
    this.#vitals = vitals;
  }

  /** For how many ms a ping has waited for its answer; 0 where none does. */
  get silence(): number {
    return this.#waiting ? performance.now() - this.#since : 0;
  }

  /** The thread has answered. */
  beat(): void {
    this.#waiting = false;
  }

  /** Looks at the thread. `turn` is null where it has come back since the last look; then it is asked again. */
  async look(): Promise<{ readonly cpu: number; readonly turn: Turn | null }> {
    const cpu = await this.#vitals.cpu();
    const idle = this.#vitals.idle();
    if (!this.#waiting) {
      this.#waiting = true;
      this.#since = performance.now();
      this.#began = cpu;
      this.#still = 0;
      this.#keep(cpu, idle);
      this.#vitals.ping();
      return { cpu, turn: null };
    }
    this.#still = cpu - this.#cpu < NONE && idle - this.#idle < NONE ? this.#still + 1 : 0;
    this.#keep(cpu, idle);
    return { cpu, turn: { cpu: cpu - this.#began, still: this.#still } };
  }

  #keep(cpu: number, idle: number): void {
    this.#cpu = cpu;
    this.#idle = idle;
  }
}
