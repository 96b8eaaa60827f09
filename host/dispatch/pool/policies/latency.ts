import type { Candidate, Policy } from '../policy.ts';

/** One call in so many goes to a cell that is drawn: the average of one that nobody asks stays what it was. */
const EXPLORE = 1 / 32;

/** The one that is expected to answer first: its average for each call that is under way, and for this one. */
export function latency(random: () => number): Policy {
  let last = -1;
  return {
    pick(candidates) {
      const count = candidates.length;
      if (count === 1) return 0;
      if (random() < EXPLORE) return Math.floor(random() * count);
      const unknown = lowest(candidates);
      let best = last + 1 < count ? last + 1 : 0;
      let least = wait(candidates[best]!, unknown);
      for (let step = 1, index = best; step < count; step++) {
        index = index + 1 < count ? index + 1 : 0;
        const ms = wait(candidates[index]!, unknown);
        if (ms >= least) continue;
        least = ms;
        best = index;
      }
      last = best;
      return best;
    },
  };
}

/** A cell without calls yet counts as the fastest: as 0 it would be given everything that comes before its first answer. */
function lowest(candidates: readonly Candidate[]): number {
  let least = Infinity;
  for (let index = 0; index < candidates.length; index++) {
    const { latency: ms } = candidates[index]!;
    if (ms > 0 && ms < least) least = ms;
  }
  return least === Infinity ? 1 : least;
}

function wait({ inFlight, latency: ms }: Candidate, unknown: number): number {
  return (inFlight + 1) * (ms === 0 ? unknown : ms);
}
