import { worseThan, worseThanOld, type Block } from './betting.ts';
import { above, bucketOf, NOTHING, quantileBucket, since, sumOf, type Counts, type Pair } from './counts.ts';
import { SHARES, type LatencyTerm, type RateTerm, type Term } from './guard.ts';

/** What is known of a release's two versions, in the store: the counts of every host, and what follows from them. */
export interface Evidence {
  /** All that has been looked at, since the release began. */
  readonly seen: Pair;
  /** The same when the step began that the release is at. */
  readonly atStep: Pair;
  readonly step: number;
  readonly lastLook: number;
  /** By condition of the guard; those of `requests` have an empty list. */
  readonly bets: readonly (readonly Bet[])[];
  /** Why it waits though its time is over; null where it does not. */
  readonly hold: string | null;
}

/** One bettor for each step that has begun: who begins anew has not lost anything before the new version got worse. */
export interface Bet {
  /** What is bad, of latencies: longer than the end of the old version's bucket, and of the new one's; null of errors, and before it is known. */
  readonly limits: Pair<number> | null;
  readonly before: Block;
  /** Logarithms of the wealth of who bets against the old version, and against a fixed limit. */
  readonly relative: number;
  readonly fixed: number;
}

/**
 * Of releases whose new version is within its guard, and of those whose new version is no worse than the old one, at most this
 * share is rolled back.
 */
export const ALPHA = 0.01;
/** Requests of the old version that tell a quantile: so many in its tail. */
const TAIL = 10;
const NOTHING_YET: Block = { old: { of: 0, bad: 0 }, new: { of: 0, bad: 0 } };

export function newEvidence(terms: readonly Term[]): Evidence {
  const none = { old: NOTHING, new: NOTHING };
  return { seen: none, atStep: none, step: -1, lastLook: -Infinity, bets: terms.map(() => []), hold: null };
}

/** The step of a release has changed: what is counted from now on counts for it. */
export function beginStep(evidence: Evidence, step: number, terms: readonly Term[]): Evidence {
  const usual = since(evidence.seen.old, evidence.atStep.old);
  const bets = terms.map((term, index) => {
    const own = evidence.bets[index] ?? [];
    if (term.kind === 'requests') return own;
    return [...own, { limits: limitsOf(term, usual), before: NOTHING_YET, relative: 0, fixed: 0 }];
  });
  return { ...evidence, atStep: evidence.seen, step, bets, hold: null };
}

/** Takes in what all hosts have counted so far. */
export function look(evidence: Evidence, { total, terms, now }: { total: Pair; terms: readonly Term[]; now: number }): Evidence {
  const fresh: Pair = { old: since(total.old, evidence.seen.old), new: since(total.new, evidence.seen.new) };
  const bets = terms.map((term, index) => {
    if (term.kind === 'requests') return [];
    return evidence.bets[index]!.map((bet) => wagered(bet, term, fresh)).map((bet, place, all) =>
      // Who knows no limit yet learns it of the old version, in the step that it began with.
      bet.limits === null && term.kind !== 'error_rate' && place === all.length - 1
        ? { ...bet, limits: limitsOf(term, since(total.old, evidence.atStep.old)) }
        : bet,
    );
  });
  return {
    ...evidence,
    seen: { old: sumOf([evidence.seen.old, fresh.old]), new: sumOf([evidence.seen.new, fresh.new]) },
    lastLook: now,
    bets,
  };
}

function wagered(bet: Bet, term: RateTerm | LatencyTerm, fresh: Pair): Bet {
  if (term.kind !== 'error_rate' && bet.limits === null) return bet;
  const block = blockOf(term, bet, fresh);
  const { before } = bet;
  const times = term.kind === 'error_rate' && 'times' in term.limit ? term.limit.times : 1;
  const share = fixedShare(term);
  return {
    ...bet,
    before: { old: added(before.old, block.old), new: added(before.new, block.new) },
    relative: bet.relative + worseThanOld(block, { before, times }),
    fixed: share === null ? 0 : bet.fixed + worseThan(block, { before, share }),
  };
}

function blockOf(term: RateTerm | LatencyTerm, { limits }: Bet, fresh: Pair): Block {
  const trials = (counts: Counts, limit: number | undefined) => ({
    of: counts.requests,
    bad: term.kind === 'error_rate' ? counts.errors : above(counts, limit!),
  });
  return { old: trials(fresh.old, limits?.old), new: trials(fresh.new, limits?.new) };
}

/**
 * What speaks for the new version breaking a condition, at any time and over all steps. Where the limit is a fixed one, it has
 * to be both beyond it and worse than the old version at the same time, unless it is `alone`: what both do is not its fault.
 */
export function evidenceFor(term: Term, bets: readonly Bet[], { steps, alone }: { steps: number; alone: boolean }): number {
  if (term.kind === 'requests') return 1;
  const mean = (key: 'relative' | 'fixed') => (steps - bets.length + bets.reduce((sum, bet) => sum + Math.exp(bet[key]), 0)) / steps;
  if (fixedShare(term) === null) return mean('relative');
  return alone ? mean('fixed') : Math.min(mean('relative'), mean('fixed'));
}

/** What that has to reach: all conditions share `ALPHA`. */
export function neededFor(terms: readonly Term[]): number {
  return terms.filter(({ kind }) => kind !== 'requests').length / ALPHA;
}

/** The share of bad outcomes that a fixed limit allows; null where it is a multiple of the old version's. */
function fixedShare({ kind, limit }: RateTerm | LatencyTerm): number | null {
  if ('times' in limit) return null;
  return kind === 'error_rate' ? (limit as { share: number }).share : 1 - SHARES[kind];
}

function limitsOf(term: RateTerm | LatencyTerm, usual: Counts): Pair<number> | null {
  if (term.kind === 'error_rate') return null;
  if ('ms' in term.limit) return { old: bucketOf(term.limit.ms), new: bucketOf(term.limit.ms) };
  const share = SHARES[term.kind];
  if (usual.requests * Math.min(share, 1 - share) < TAIL) return null;
  const old = quantileBucket(usual, share)!;
  return { old, new: old + bucketOf(term.limit.times) };
}

function added(a: { of: number; bad: number }, b: { of: number; bad: number }): { of: number; bad: number } {
  return { of: a.of + b.of, bad: a.bad + b.bad };
}
