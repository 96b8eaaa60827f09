/** How long things are gathered before they are done, in ms. */
const GATHER = 500;
/** Whoever was to do them is gone when that has not happened by then, in ms. */
const OVERDUE = 5_000;

/** Does something a little later, once for all who ask until then. */
export interface Soon {
  /** Costs nothing where it is planned already. */
  ask(): void;
  /** It is not done any more, whoever asks. */
  stop(): void;
}

export interface SoonOptions {
  /** What fails goes with what comes next. */
  readonly run: () => Promise<void>;
  readonly waitUntil: (promise: Promise<unknown>) => void;
  /** Milliseconds of a clock that only goes forward. */
  readonly clock: () => number;
}

export function createSoon({ run, waitUntil, clock }: SoonOptions): Soon {
  let planned = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  async function later(): Promise<void> {
    await new Promise<void>((resolve) => (timer = setTimeout(resolve, GATHER)));
    planned = -Infinity;
    await run().catch(() => {});
  }

  return {
    ask() {
      const now = clock();
      if (stopped || now - planned < OVERDUE) return;
      planned = now;
      try {
        waitUntil(later());
      } catch {
        // Outside of any request: the next one sees to it.
        planned = -Infinity;
      }
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
