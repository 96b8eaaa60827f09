import type { Model } from '../linearizable.ts';

/** What happens to one lock. An `end` is a release, or what may end the lease of a holder that does not know. */
export type LockInput =
  | { readonly do: 'grant' | 'steal'; readonly id: string; readonly mode: 'exclusive' | 'shared' }
  | { readonly do: 'end'; readonly id: string };

interface State {
  readonly held: ReadonlyMap<string, string>;
  /** The greatest fence so far. */
  readonly last: number;
}

/** A lock that is one thing in one place: no two exclusive holders, and no fence that goes back. */
export const lockModel: Model<State, LockInput, number> = {
  initial: { held: new Map(), last: 0 },
  step({ held, last }, input, fence) {
    if (input.do === 'end') return { held: new Map([...held].filter(([id]) => id !== input.id)), last };
    if (fence !== undefined && fence <= last) return null;
    const others = input.do === 'steal' ? new Map<string, string>() : held;
    if (others.size > 0 && (input.mode === 'exclusive' || [...others.values()].includes('exclusive'))) return null;
    return { held: new Map([...others, [input.id, input.mode]]), last: fence ?? last };
  },
  keyOf: ({ held, last }) => `${[...held.keys()].toSorted().join()} ${last}`,
};
