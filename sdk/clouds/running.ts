/** Ends an invocation with a result or an error; only the first call does anything. */
export interface Ending {
  readonly succeed: (result?: unknown) => void;
  readonly fail: (error?: unknown) => void;
}

/** How long after its deadline an invocation that never ends is given up; the host has cut it off by then. */
const GRACE = 1_000;

/**
 * Runs until it is ended. Meanwhile a timer is there, because workerd takes a request that waits for nothing for one that
 * hangs, and ends it before the deadline.
 *
 * @param deadline in ms; Infinity where there is none
 */
export function running(deadline: number, body: (ending: Ending) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const seconds = (deadline / 1_000).toFixed(2);
    const late = () => reject(new Error(`Task timed out after ${seconds} seconds`));
    const timer = deadline === Infinity ? undefined : setTimeout(late, deadline + GRACE);
    const ending: Ending = {
      succeed(result) {
        clearTimeout(timer);
        resolve(result);
      },
      fail(error) {
        clearTimeout(timer);
        reject(errorOf(error));
      },
    };
    try {
      body(ending);
    } catch (error) {
      ending.fail(error);
    }
  });
}

/** A callback takes anything for an error. */
function errorOf(error: unknown): Error {
  if (error instanceof Error) return error;
  if (typeof error === 'string') return new Error(error);
  return new Error(error === undefined ? 'The handler failed without saying why.' : JSON.stringify(error), { cause: error });
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return value !== null && typeof value === 'object' && typeof (value as { then?: unknown }).then === 'function';
}
