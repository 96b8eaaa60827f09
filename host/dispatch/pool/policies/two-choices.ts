import type { Policy } from '../policy.ts';

/**
 * The less busy of two that are drawn. M. Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001:
 * almost as even as looking at all, and those who choose by old counts do not all choose the same.
 */
export function twoChoices(random: () => number): Policy {
  return {
    pick(candidates) {
      const count = candidates.length;
      if (count === 1) return 0;
      const first = Math.floor(random() * count);
      // One of the others, each as likely as the next.
      let second = Math.floor(random() * (count - 1));
      if (second >= first) second++;
      return candidates[second]!.inFlight < candidates[first]!.inFlight ? second : first;
    },
  };
}
