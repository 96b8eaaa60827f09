import { BrinkError } from '../errors.ts';
import type { EventSink } from '../observe/events.ts';
import type { Freezes } from '../registry/freezes.ts';
import type { FunctionRecord } from '../registry/record.ts';
import { recordsIn, type Records } from '../registry/records.ts';
import type { Registry } from '../registry/registry.ts';
import { advanceRelease, endRelease, releasesOf, takeBackRelease } from '../registry/release-change.ts';
import { isActive, type Figure, type Hand, type ReleaseRecord, type ReleaseState } from '../registry/release-record.ts';
import type { Store } from '../stores/store.ts';
import { decide, figuresOf, type Decision } from './decide.ts';
import { beginStep, look, newEvidence, type Evidence } from './evidence.ts';
import { parseGuard, type Term } from './guard.ts';
import { releaseEvent } from './release-events.ts';
import type { Tallies } from './tallies.ts';

export interface DriverOptions {
  readonly registry: Registry;
  readonly freezes: Freezes;
  readonly store: Store;
  readonly tallies: Tallies;
  readonly events: EventSink;
  readonly now: () => number;
  /** A function's record has changed. */
  readonly changed: (name: string) => void;
}

/** What is known of a release beside its record. */
export interface Progress {
  readonly figures: readonly Figure[];
  /** Why it waits though its step's time is over; null where it does not. */
  readonly hold: string | null;
}

/**
 * Takes releases their way. Any host may: what it decides is written only where the release is still as it was read, so of
 * several hosts one moves the alias, and one that ends in the middle leaves nothing half done.
 */
export class ReleaseDriver {
  readonly #options: DriverOptions;
  readonly #evidence: Records<Evidence>;

  constructor(options: DriverOptions) {
    this.#options = options;
    this.#evidence = recordsIn(options.store);
  }

  /** Does what is due for a function's releases, and says when it is to be called next; null where nothing is under way. */
  async due(name: string): Promise<number | null> {
    const record = await this.#options.registry.find(name);
    const active = record === null ? [] : releasesOf(record).filter(isActive);
    if (active.length === 0) {
      await this.#sweep(name);
      return null;
    }
    await this.#options.tallies.flush();
    const times: number[] = [];
    for (const release of active) times.push(await this.#step(record!, release));
    return Math.min(...times);
  }

  async progress(name: string, release: ReleaseRecord): Promise<Progress> {
    if (!isActive(release)) return { figures: release.verdict?.figures ?? [], hold: null };
    const terms = parseGuard(release.guard);
    const evidence = (await this.#evidence.get(evidenceKey(name, release.id))) ?? newEvidence(terms);
    return { figures: release.step === -1 ? [] : figuresOf(release, terms, evidence), hold: evidence.hold };
  }

  /** @returns when to look again */
  async #step(record: FunctionRecord, release: ReleaseRecord): Promise<number> {
    const { now, freezes } = this.#options;
    const terms = parseGuard(release.guard);
    const time = now();
    const evidence = await this.#examine(record.name, release, terms);
    const figures = release.step === -1 ? [] : figuresOf(release, terms, evidence);
    const frozen = release.overrideFreeze === null ? await freezes.of(record.name, time) : null;
    const decision = decide({
      release,
      terms,
      figures,
      now: time,
      frozen: frozen && `frozen: ${frozen.freeze.reason}, until ${new Date(frozen.until).toISOString()}`,
    });
    const soon = time + lookAfter(release, time);
    switch (decision.kind) {
      case 'wait':
        return terms.length === 0 || release.step === -1 ? Math.min(decision.until, time + MAX_WAIT) : Math.min(decision.until, soon);
      case 'hold':
        await this.#note(record.name, release, decision.reason);
        return soon;
      default:
        await this.#act(record, release, { decision, figures });
        return now();
    }
  }

  /** Takes in what has been counted since the last look, of all hosts. */
  async #examine(name: string, release: ReleaseRecord, terms: readonly Term[]): Promise<Evidence> {
    const { tallies, now } = this.#options;
    if (release.step === -1 || terms.length === 0) return newEvidence(terms);
    const total = await tallies.total({ function: name, release: release.id });
    return this.#evidence.update(evidenceKey(name, release.id), (current) => {
      const known = current ?? newEvidence(terms);
      // Another host has just looked, or is further.
      if (known.step > release.step || (known.step === release.step && now() - known.lastLook < lookAfter(release, now()) / 2))
        return known;
      const here = known.step === release.step ? known : beginStep(known, release.step, terms);
      return look(here, { total, terms, now: now() });
    });
  }

  async #act(record: FunctionRecord, release: ReleaseRecord, { decision, figures }: Decided): Promise<void> {
    const { registry, now, changed } = this.#options;
    const { name } = record;
    const { id, alias, step, to, overrideFreeze } = release;
    const hand: Hand = { by: `release ${id}`, why: decision.reason, overrideFreeze, release: id };
    const verdict = { time: now(), reason: decision.reason, figures };
    try {
      // A cell of it has started and is well before the first request comes to it.
      if (step === -1) await registry.ready(record, alias, { versions: [{ version: to, weight: 100 }] });
      // A step begins when it is there: its cell may have taken a while.
      await registry.change(name, (current) => changeBy(current, release, { decision, verdict: { ...verdict, time: now() } }), hand);
    } catch (error) {
      // What is refused now would be so again; what cannot be reached is tried again.
      if (!(error instanceof BrinkError) || error.status >= 500) throw error;
      const end = { state: 'aborted' as ReleaseState, verdict: { ...verdict, reason: error.message } };
      await registry.change(name, (current) => endRelease(current, id, end), hand);
    }
    changed(name);
  }

  async #note(name: string, release: ReleaseRecord, reason: string): Promise<void> {
    const { events, now } = this.#options;
    let news = false;
    await this.#evidence.update(evidenceKey(name, release.id), (current) => {
      const known = current ?? newEvidence(parseGuard(release.guard));
      news = kindOf(known.hold) !== kindOf(reason);
      return known.hold === reason ? known : { ...known, hold: reason };
    });
    if (news) events(releaseEvent(name, release, { time: now(), change: 'held', reason }));
  }

  /** What was counted for releases that are over. */
  async #sweep(name: string): Promise<void> {
    for (const key of await this.#evidence.keys(evidencePrefix(name))) {
      await this.#options.tallies.remove({ function: name, release: Number(key.slice(evidencePrefix(name).length)) });
      await this.#evidence.delete(key, () => {});
    }
  }
}

interface Decided {
  readonly decision: Exclude<Decision, { kind: 'wait' | 'hold' }>;
  readonly figures: readonly Figure[];
}

/** A release that is long before its start is looked at once a day. */
const MAX_WAIT = 86_400_000;

function changeBy(
  record: FunctionRecord,
  { id, step }: ReleaseRecord,
  { decision, verdict }: { decision: Decided['decision']; verdict: NonNullable<ReleaseRecord['verdict']> },
): FunctionRecord {
  const now = verdict.time;
  // A step that someone has gone meanwhile may look different.
  if (releasesOf(record).find((each) => each.id === id)?.step !== step) return record;
  switch (decision.kind) {
    case 'advance':
      return advanceRelease(record, { id, step }, now);
    case 'done':
      return endRelease(record, id, { state: 'done', verdict });
    case 'roll-back':
      return takeBackRelease(record, id, { state: 'rolled-back', verdict });
  }
}

/** In how many ms the evidence of a release is looked at again: often at the beginning of a step, when least is known of it. */
export function lookAfter({ every, since }: Pick<ReleaseRecord, 'every' | 'since'>, now: number): number {
  return Math.min(10_000, Math.max(250, Math.min(every / 10, (now - since) / 4)));
}

/** The part of a reason that does not change with every request. */
function kindOf(reason: string | null): string | null {
  return reason && reason.slice(0, reason.indexOf(':'));
}

function evidencePrefix(name: string): string {
  return `release-evidence/${name}/`;
}

function evidenceKey(name: string, release: number): string {
  return evidencePrefix(name) + release;
}

/** Of what is counted: nothing that a host reads of its functions. */
export function isReleaseKey(key: string): boolean {
  return key.startsWith('release-evidence/') || key.startsWith('release-tally/');
}
