import { waitUntil } from 'cloudflare:workers';

/** One request's deadline. */
export interface Deadline {
  /** The request ended: nothing more happens. */
  done(): void;
}

/** How long a request may take before it gets a timer of its own, in ms: nearly all are answered by then. */
const STEP = 250;
/** A timer that has not fired by then is lost, with the request that set it, in ms: the next request sets another. */
const OVERDUE = 4 * STEP;

/**
 * Deadlines of requests that come by the thousand, each answered in a moment: a timer for each costs more than all else
 * that the host does for it. So the first of those that come within one step sets a timer for all of them; what is not
 * done when that fires gets one of its own, for the rest of its time.
 *
 * A timer belongs to the request that set it, which is kept by `waitUntil` for that one step. Each of the others waits
 * for a promise of its own; the runtime runs what follows in the request that made it, whoever settles it
 * (`handle_cross_request_promise_resolution`, Workers' default since 2024-10-14).
 */
export class Deadlines {
  #waiting: SharedDeadline[] = [];
  /** When the timer of `#waiting` was set; 0 where there is none. */
  #since = 0;

  /** Calls `expire` in `limit` ms, in the context of the request that is under way, unless that is done. */
  watch(limit: number, expire: () => void): Deadline {
    if (limit <= 2 * STEP) return new OwnDeadline(limit, expire);
    const now = Date.now();
    if (now - this.#since > OVERDUE) this.#begin(now);
    return new SharedDeadline(this.#waiting, now + limit, expire);
  }

  #begin(now: number): void {
    const waiting: SharedDeadline[] = [];
    this.#waiting = waiting;
    this.#since = now;
    waitUntil(
      new Promise<void>((resolve) => {
        setTimeout(() => {
          if (this.#waiting === waiting) this.#since = 0;
          for (const deadline of waiting.slice()) deadline.wake();
          resolve();
        }, STEP);
      }),
    );
  }
}

class OwnDeadline implements Deadline {
  readonly #timer: ReturnType<typeof setTimeout>;

  constructor(rest: number, expire: () => void) {
    this.#timer = setTimeout(expire, rest);
  }

  done(): void {
    clearTimeout(this.#timer);
  }
}

class SharedDeadline implements Deadline {
  /** Those that wait for the same timer; this one stands at `#place` while it does, and at -1 afterwards. */
  readonly #waiting: SharedDeadline[];
  #place: number;
  #own: OwnDeadline | undefined;
  wake!: () => void;

  constructor(waiting: SharedDeadline[], due: number, expire: () => void) {
    this.#waiting = waiting;
    this.#place = waiting.push(this) - 1;
    void new Promise<void>((resolve) => (this.wake = resolve)).then(() => {
      if (this.#place === -1) return;
      this.#leave();
      this.#own = new OwnDeadline(due - Date.now(), expire);
    });
  }

  done(): void {
    if (this.#place !== -1) this.#leave();
    else this.#own?.done();
  }

  /** The last one takes its place: what is done must not be kept. */
  #leave(): void {
    const last = this.#waiting.pop()!;
    if (last !== this) {
      this.#waiting[this.#place] = last;
      last.#place = this.#place;
    }
    this.#place = -1;
  }
}
