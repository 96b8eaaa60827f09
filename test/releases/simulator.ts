import { newTally, addTo, countsOf, type Pair, type Tally } from '../../host/releases/counts.ts';
import { decide, figuresOf } from '../../host/releases/decide.ts';
import { lookAfter } from '../../host/releases/driver.ts';
import { beginStep, look, newEvidence } from '../../host/releases/evidence.ts';
import { parseGuard } from '../../host/releases/guard.ts';
import type { ReleaseRecord } from '../../host/registry/release-record.ts';
import { seeded } from '../registry/random.ts';

/** How requests go in a simulated world. Rates and times may change with the time of day: both versions then change alike. */
export interface World {
  /** Requests a second, of both versions together. */
  readonly rate: number;
  /** The share of the old version's requests that fail, at a time in ms. */
  errors(time: number): number;
  /** How many times as often the new version fails; `more` is added to that. */
  readonly times?: number;
  readonly more?: number;
  /** How many times as long the new version takes. */
  readonly slower?: number;
  /** The new version is as it is only from this step on; as the old one before. */
  readonly fromStep?: number;
}

export interface Plan {
  readonly steps: readonly number[];
  readonly every: number;
  readonly guard: string;
  /** A release that waits this long is given up, in ms. */
  readonly patience: number;
}

export interface Run {
  readonly state: 'done' | 'rolled-back' | 'held';
  /** In ms, from the time at which the new version got as it is. */
  readonly after: number;
  /** That the new version had by then. */
  readonly requests: number;
  /** Whether a test of two shares at a level of 1 %, made with each look, would ever have said that the new version is worse. */
  readonly naive: boolean;
}

/** Of a standard normal, one-sided at 1 %. */
const CRITICAL = 2.326;

/** The host's own decisions, on requests that a seed draws, in virtual time. */
export function simulate(world: World, plan: Plan, seed: number): Run {
  const random = seeded(seed);
  const terms = parseGuard(plan.guard);
  const tallies: Pair<Tally> = { old: newTally(), new: newTally() };
  let release: ReleaseRecord = { ...BEFORE, ...plan, step: 0 };
  let evidence = beginStep(newEvidence(terms), 0, terms);
  let began = (world.fromStep ?? 0) === 0 ? 0 : Infinity;
  let naive = false;
  let requests = 0;
  for (let time = 0; time < plan.patience;) {
    const next = time + lookAfter(release, time);
    const changed = release.step >= (world.fromStep ?? 0);
    const coming = poisson((world.rate * (next - time)) / 1_000, random);
    for (let index = 0; index < coming; index++) {
      const fresh = random() * 100 < plan.steps[release.step]!;
      const worse = fresh && changed;
      const base = world.errors(time);
      const failed = random() < (worse ? Math.min(1, base * (world.times ?? 1) + (world.more ?? 0)) : base);
      addTo(fresh ? tallies.new : tallies.old, 20 * Math.exp(0.6 * normal(random)) * (worse ? (world.slower ?? 1) : 1), failed);
      if (worse) requests++;
    }
    time = next;
    evidence = look(evidence, { total: { old: countsOf(tallies.old), new: countsOf(tallies.new) }, terms, now: time });
    naive ||= differs(tallies);
    const figures = figuresOf(release, terms, evidence);
    const { kind } = decide({ release, terms, figures, now: time, frozen: null });
    if (kind === 'roll-back') return { state: 'rolled-back', after: time - began, requests, naive };
    if (kind === 'done') return { state: 'done', after: time - began, requests, naive };
    if (kind === 'advance') {
      release = { ...release, step: release.step + 1, since: time };
      evidence = beginStep(evidence, release.step, terms);
      if (release.step === world.fromStep) began = time;
    }
  }
  return { state: 'held', after: plan.patience, requests, naive };
}

/** The textbook's test of two shares, which is right for one look at one time. */
function differs({ old, new: fresh }: Pair<Tally>): boolean {
  if (old.requests === 0 || fresh.requests === 0) return false;
  const pooled = (old.errors + fresh.errors) / (old.requests + fresh.requests);
  const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / old.requests + 1 / fresh.requests));
  return deviation > 0 && (fresh.errors / fresh.requests - old.errors / old.requests) / deviation > CRITICAL;
}

const BEFORE: ReleaseRecord = {
  id: 1,
  alias: 'live',
  from: 1,
  to: 2,
  steps: [],
  every: 0,
  guard: '',
  state: 'running',
  step: -1,
  since: 0,
  startAt: 0,
  aliasRevision: 1,
  revision: 1,
  createdAt: 0,
  by: 'token',
  why: null,
  overrideFreeze: null,
  verdict: null,
};

function poisson(mean: number, random: () => number): number {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  let product = random();
  let count = 0;
  for (const limit = Math.exp(-mean); product > limit; count++) product *= random();
  return count;
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
