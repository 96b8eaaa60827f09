import type { Figure, Measured, ReleaseRecord } from '../registry/release-record.ts';
import { endOf, quantileBucket, since, type Counts, type Pair } from './counts.ts';
import { evidenceFor, neededFor, type Evidence } from './evidence.ts';
import { SHARES, type Term } from './guard.ts';

/** What a release does next. */
export type Decision =
  | { readonly kind: 'wait'; readonly until: number }
  /** Its time is over, and it waits all the same. */
  | { readonly kind: 'hold'; readonly reason: string }
  | { readonly kind: 'advance'; readonly reason: string }
  | { readonly kind: 'done'; readonly reason: string }
  | { readonly kind: 'roll-back'; readonly reason: string };

/** Requests of either version before a step ends where the guard does not say. */
export const LEAST_REQUESTS = 100;

export interface Situation {
  readonly release: ReleaseRecord;
  readonly terms: readonly Term[];
  readonly figures: readonly Figure[];
  readonly now: number;
  /** Of the freeze that holds it; null where there is none, or it is overridden. */
  readonly frozen: string | null;
}

/** A pure function: what it goes by is all handed in. */
export function decide({ release, terms, figures, now, frozen }: Situation): Decision {
  const { state, startAt, step, steps, since: began, every } = release;
  if (state === 'scheduled' && now < startAt) return { kind: 'wait', until: startAt };
  if (step === -1) {
    if (frozen !== null) return { kind: 'hold', reason: frozen };
    return { kind: 'advance', reason: `begins with ${steps[0]}%` };
  }
  const broken = figures.find(({ evidence, needed }) => evidence >= needed);
  if (broken) return { kind: 'roll-back', reason: `${broken.term} is broken: ${describe(broken)}` };
  if (state === 'paused') return { kind: 'wait', until: Infinity };
  // Where nothing is tested, there is nothing to watch at the end.
  const last = step === steps.length - 1;
  if (last && terms.length === 0) return { kind: 'done', reason: 'all steps are done' };
  if (now < began + every) return { kind: 'wait', until: began + every };
  const held = terms.length === 0 ? null : (tooFew(release, terms, figures) ?? beyond(figures));
  if (held !== null) return { kind: 'hold', reason: held };
  if (last) return { kind: 'done', reason: 'all steps are done, within the guard' };
  if (frozen !== null) return { kind: 'hold', reason: frozen };
  return { kind: 'advance', reason: `step ${step + 2} of ${steps.length}: ${steps[step + 1]}%` };
}

/** What has been measured in this step, condition by condition. */
export function figuresOf(release: ReleaseRecord, terms: readonly Term[], evidence: Evidence): Figure[] {
  const inStep: Pair = {
    old: since(evidence.seen.old, evidence.atStep.old),
    new: since(evidence.seen.new, evidence.atStep.new),
  };
  const alone = release.steps[release.step] === 100;
  const needed = neededFor(terms);
  return terms.map((term, index): Figure => {
    const [old, fresh] = [measured(term, inStep.old), measured(term, inStep.new)];
    const weighed = evidenceFor(term, evidence.bets[index] ?? [], { steps: release.steps.length, alone });
    return { term: term.text, old, new: fresh, limit: limitOf(term, old), evidence: rounded(weighed), needed };
  });
}

function measured(term: Term, counts: Counts): Measured {
  const { requests, errors } = counts;
  if (requests === 0) return { requests, value: null };
  if (term.kind === 'requests') return { requests, value: requests };
  if (term.kind === 'error_rate') return { requests, value: rounded(errors / requests) };
  return { requests, value: rounded(endOf(quantileBucket(counts, SHARES[term.kind])!)) };
}

function limitOf(term: Term, old: Measured): number | null {
  if (term.kind === 'requests') return term.least;
  const { limit } = term;
  if ('share' in limit) return limit.share;
  if ('ms' in limit) return limit.ms;
  return old.value === null ? null : rounded(old.value * limit.times);
}

function tooFew({ steps, step }: ReleaseRecord, terms: readonly Term[], figures: readonly Figure[]): string | null {
  const least = terms.find(({ kind }) => kind === 'requests');
  const wanted = least?.kind === 'requests' ? least.least : LEAST_REQUESTS;
  const { old, new: fresh } = figures[0]!;
  if (fresh.requests < wanted) return `too few requests: the new version has had ${fresh.requests} of ${wanted} in this step`;
  // The old one's are there to be compared with.
  const enough = Math.min(wanted, LEAST_REQUESTS);
  if (steps[step] !== 100 && old.requests < enough)
    return `too few requests: the old version has had ${old.requests} of ${enough} in this step`;
  return null;
}

/** What is measured beyond its limit, and may be so by chance. */
function beyond(figures: readonly Figure[]): string | null {
  const over = figures.find(
    ({ term, new: { value }, limit }) => !term.startsWith('requests') && value !== null && limit !== null && value > limit,
  );
  return over ? `${over.term} is not met, and may be so by chance: ${describe(over)}` : null;
}

/** In words, for people: events and verdicts carry it. */
function describe({ term, old, new: fresh, limit, evidence, needed }: Figure): string {
  const show = (value: number | null) => (value === null ? 'nothing' : term.startsWith('error_rate') ? percent(value) : `${value} ms`);
  return `${show(fresh.value)} of ${fresh.requests} requests, with the old version ${show(old.value)} of ${old.requests}, limit ${show(limit)}, evidence ${evidence} of ${needed}`;
}

function percent(share: number): string {
  return `${Math.round(share * 10_000) / 100}%`;
}

/** Four digits say enough, and also of what is very small or large. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
