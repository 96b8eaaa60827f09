/** A clock that stands still until it is told to move. */
export function manualClock(start = 1_700_000_000_000): { readonly now: () => number; advance(ms: number): void } {
  let time = start;
  return {
    now: () => time,
    advance(ms) {
      time += ms;
    },
  };
}
