import type { Policy } from '../policy.ts';

/** The one with the fewest calls under way; among equals the next after the last choice, so that none is always first. */
export function leastInFlight(): Policy {
  let last = -1;
  return {
    pick(candidates) {
      const count = candidates.length;
      let best = last + 1 < count ? last + 1 : 0;
      for (let step = 1, index = best; step < count; step++) {
        index = index + 1 < count ? index + 1 : 0;
        if (candidates[index]!.inFlight < candidates[best]!.inFlight) best = index;
      }
      last = best;
      return best;
    },
  };
}
