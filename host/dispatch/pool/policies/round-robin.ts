import type { Policy } from '../policy.ts';

/** One after the other, whatever they do. */
export function roundRobin(): Policy {
  let last = -1;
  return {
    pick(candidates) {
      last = last + 1 < candidates.length ? last + 1 : 0;
      return last;
    },
  };
}
