/** When a runtime that has ended is started anew. */
export interface BackOff {
  /** It listens. */
  begun(): void;
  /** It has ended: in how many ms another is to begin. @param expected since it was ended for another reason than its own */
  ended(expected: boolean): number;
}

/** Ms until one that has ended is started anew: at once the first time, then this, and twice as long each time, at most the other. */
const PAUSE = 250;
const MAX_PAUSE = 30_000;
/** One that ran for so long, in ms, did not end for the reason of the one before. */
const RAN = 30_000;

export function createBackOff(): BackOff {
  let crashes = 0;
  let since = Date.now();
  return {
    begun: () => void (since = Date.now()),
    ended(expected) {
      crashes = expected || Date.now() - since > RAN ? 0 : crashes + 1;
      return crashes <= 1 ? 0 : Math.min(PAUSE * 2 ** (crashes - 2), MAX_PAUSE);
    },
  };
}
