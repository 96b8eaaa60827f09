/** What can be waited for. */
export interface Readiness {
  readonly ready: boolean;
  /**
   * Sees to it that it gets ready, and calls `wake` whenever that may be so; never before this has returned.
   *
   * @returns what takes the call back
   */
  wait(wake: () => void): () => void;
}

export const READY: Readiness = { ready: true, wait: () => () => undefined };

/** Those who wait for one thing. */
export class Waiters {
  /** null until someone waits, which for most things is never. */
  #waiting: Set<() => void> | null = null;

  /** @returns what takes it back */
  add(wake: () => void): () => void {
    const waiting = (this.#waiting ??= new Set());
    // Of its own, so that one who waits twice is two.
    const own = () => wake();
    waiting.add(own);
    return () => void waiting.delete(own);
  }

  wake(): void {
    // Who is woken may wait again, for the next time.
    const waiting = this.#waiting;
    if (waiting === null || waiting.size === 0) return;
    const now = Array.from(waiting);
    for (const wake of now) if (waiting.has(wake)) wake();
  }
}

/** Gets ready once, and stays so. */
export class Arrival implements Readiness {
  readonly #waiters = new Waiters();
  #ready = false;

  get ready(): boolean {
    return this.#ready;
  }

  wait(wake: () => void): () => void {
    return this.#waiters.add(wake);
  }

  arrive(): void {
    this.#ready = true;
    this.#waiters.wake();
  }
}

/** Waits until it is ready: then no one of it is left waiting. */
export function whenReady(readiness: Readiness): Promise<void> {
  return new Promise((resolve) => {
    const stop = readiness.wait(() => {
      if (!readiness.ready) return;
      stop();
      resolve();
    });
  });
}
