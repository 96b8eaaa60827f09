/** Outcomes of two versions in the same stretch of time: how many there were, and how many of them were bad. */
export interface Block {
  readonly old: Trials;
  readonly new: Trials;
}

export interface Trials {
  readonly of: number;
  readonly bad: number;
}

/** How many requests a guess that there is no difference counts as. */
const PRIOR = 10;
/** Nothing is staked on a guess that is made of fewer. */
const LEARNT = 10;

/**
 * The factor, as a logarithm, that a block multiplies the wealth of a gambler with who bets that bad outcomes are more than
 * `times` as frequent with the new version as with the old one. Where they are not, the wealth is a supermartingale, in each
 * block whatever the rates are in it: so it reaches 1/α at any time with a probability of at most α (Ville), however often
 * one looks, and however the rates go up and down meanwhile. The stake goes by what was seen `before` the block alone.
 *
 * Turner, Ly and Grünwald, "Generic E-variables for exact sequential k-sample tests that allow for optional stopping" (2024),
 * and Turner and Grünwald, "Exact anytime-valid confidence intervals for contingency tables and beyond" (2023), whose
 * Theorem 1 is the one for convex hypotheses such as this.
 */
export function worseThanOld(block: Block, { before, times }: { readonly before: Block; readonly times: number }): number {
  if (block.old.of === 0 || block.new.of === 0) return 0;
  if (before.old.of < LEARNT || before.new.of < LEARNT) return 0;
  const old = (before.old.bad + 0.5) / (before.old.of + 1);
  const fresh = guess(before.new, Math.min(0.99, old * times));
  if (fresh <= old * times) return 0;
  const [nullOld, nullNew] = nearest({ old, new: fresh, times, block });
  return logRatio(block.old, old, nullOld) + logRatio(block.new, fresh, nullNew);
}

/** The same where he bets that bad outcomes are more frequent than `share`, whatever the old version does. */
export function worseThan(block: Block, { before, share }: { readonly before: Block; readonly share: number }): number {
  if (block.new.of === 0 || before.new.of < LEARNT) return 0;
  const fresh = guess(before.new, share);
  return fresh <= share ? 0 : logRatio(block.new, fresh, share);
}

function guess({ of, bad }: Trials, expected: number): number {
  return (bad + PRIOR * expected) / (of + PRIOR);
}

/** Of all pairs of rates of which the new one is no more than `times` the old one, that which the block could be told apart from the guess least by. */
function nearest({ old, new: fresh, times, block }: { old: number; new: number; times: number; block: Block }): [number, number] {
  const [a, b] = [block.old.of, block.new.of];
  if (times === 1) {
    const pooled = (a * old + b * fresh) / (a + b);
    return [pooled, pooled];
  }
  // The derivative of the divergence grows with the rate, so its root is found by halving.
  const slope = (rate: number) =>
    a * ((1 - old) / (1 - rate) - old / rate) + b * ((times * (1 - fresh)) / (1 - times * rate) - fresh / rate);
  let [low, high] = [0, Math.min(1, 1 / times)];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (slope(middle) < 0) low = middle;
    else high = middle;
  }
  const rate = (low + high) / 2;
  return [rate, rate * times];
}

function logRatio({ of, bad }: Trials, guessed: number, assumed: number): number {
  return bad * Math.log(guessed / assumed) + (of - bad) * Math.log((1 - guessed) / (1 - assumed));
}
