import { BrinkError } from '../errors.ts';
import { aliasByName, moveAlias, versionByNumber } from './change.ts';
import type { FunctionRecord, WeightedVersion } from './record.ts';
import { isActive, MAX_RELEASES, type Hand, type ReleaseRecord, type ReleaseState, type Verdict } from './release-record.ts';

/** The changes of a function's record that releases make, as pure functions: what they refuse, they throw. */

export interface ReleaseRequest {
  readonly alias: string;
  readonly to: number;
  readonly steps: readonly number[];
  readonly every: number;
  /** One that can be read. */
  readonly guard: string;
  /** Now where undefined. */
  readonly startAt?: number | undefined;
  /** The revision that the alias must have. */
  readonly ifRevision?: number | undefined;
}

const MAX_STEPS = 20;
const MIN_EVERY = 1_000;
const MAX_EVERY = 30 * 86_400_000;
/** How far ahead one may be asked for, in ms. */
const MAX_AHEAD = 366 * 86_400_000;

/** @throws {BrinkError} `release-invalid`, `release-conflict`, `alias-not-found`, `alias-conflict`, `version-not-found` */
export function addRelease(record: FunctionRecord, request: ReleaseRequest, { now, hand }: { now: number; hand: Hand }): FunctionRecord {
  const { alias: name, to, steps, every, guard, startAt = now, ifRevision } = request;
  checkPlan(request, now);
  const alias = aliasByName(record, name);
  versionByNumber(record, to);
  if (ifRevision !== undefined && alias.revision !== ifRevision) throw moved(record, name, alias.revision, ifRevision);
  const running = releasesOf(record).find((each) => each.alias === name && isActive(each));
  if (running) {
    throw new BrinkError(
      'release-conflict',
      `Release ${running.id} of ${record.name}@${name} is ${running.state}. Wait for its end, or end it with \`brink release abort ${record.name}\`.`,
      { details: { release: running.id, state: running.state } },
    );
  }
  const [from, ...others] = alias.versions;
  if (others.length > 0) {
    throw invalid(
      `${record.name}@${name} names ${alias.versions.length} versions, and a release goes from one to another. Move it to one of them first`,
    );
  }
  if (from!.version === to) throw invalid(`${record.name}@${name} names version ${to} already`);
  // What the plan says of it is checked before anything moves.
  moveAlias(record, name, { versions: split(from!.version, to, steps[0]!) }, now);
  const release: ReleaseRecord = {
    id: Math.max(0, ...releasesOf(record).map(({ id }) => id)) + 1,
    alias: name,
    from: from!.version,
    to,
    steps,
    every,
    guard,
    state: 'scheduled',
    step: -1,
    since: now,
    startAt,
    aliasRevision: alias.revision,
    revision: 1,
    createdAt: now,
    by: hand.by,
    why: hand.why ?? null,
    overrideFreeze: hand.overrideFreeze ?? null,
    verdict: null,
  };
  return { ...record, releases: [release, ...releasesOf(record)].slice(0, MAX_RELEASES) };
}

/** Moves the alias to the step after `step`; the record as it is where someone else has done so, or the release is not under way. */
export function advanceRelease(record: FunctionRecord, { id, step }: Pick<ReleaseRecord, 'id' | 'step'>, now: number): FunctionRecord {
  const release = releasesOf(record).find((each) => each.id === id);
  if (!release || release.step !== step || !(release.state === 'running' || release.state === 'scheduled')) return record;
  const { alias, from, to, steps, aliasRevision } = release;
  const moved = moveAlias(record, alias, { versions: split(from, to, steps[step + 1]!), ifRevision: aliasRevision }, now);
  return withRelease(moved, { ...release, state: 'running', step: step + 1, since: now, aliasRevision: aliasRevision + 1 });
}

/** Ends a release that has gone well, or could not begin: the alias stays where it is. */
export function endRelease(record: FunctionRecord, id: number, end: { state: ReleaseState; verdict: Verdict }): FunctionRecord {
  const release = releasesOf(record).find((each) => each.id === id);
  return release && isActive(release) ? withRelease(record, { ...release, ...end }) : record;
}

/** Ends a release and moves its alias back, where it has moved it. */
export function takeBackRelease(
  record: FunctionRecord,
  id: number,
  { state, verdict }: { state: ReleaseState; verdict: Verdict },
): FunctionRecord {
  const release = releasesOf(record).find((each) => each.id === id);
  if (!release || !isActive(release)) return record;
  const { alias, from, step, aliasRevision: ifRevision } = release;
  if (step === -1) return withRelease(record, { ...release, state, verdict });
  const moved = moveAlias(record, alias, { versions: [{ version: from, weight: 100 }], ifRevision }, verdict.time);
  return withRelease(moved, { ...release, state, verdict, aliasRevision: ifRevision + 1 });
}

/** @throws {BrinkError} `release-not-found`, `release-conflict` */
export function pauseRelease(record: FunctionRecord, id: number, now: number): FunctionRecord {
  const release = releaseById(record, id);
  if (release.state === 'paused') return record;
  if (release.state !== 'running') throw wrongState(record, release, 'paused');
  // `since` says how long it has been in its step, for `resumeRelease`.
  return withRelease(record, { ...release, state: 'paused', since: now - release.since });
}

/** Its step goes on where it was. @throws {BrinkError} `release-not-found`, `release-conflict` */
export function resumeRelease(record: FunctionRecord, id: number, now: number): FunctionRecord {
  const release = releaseById(record, id);
  if (release.state === 'running') return record;
  if (release.state !== 'paused') throw wrongState(record, release, 'resumed');
  return withRelease(record, { ...release, state: 'running', since: now - release.since });
}

/** @throws {BrinkError} `release-not-found` */
export function releaseById(record: FunctionRecord, id: number): ReleaseRecord {
  const found = releasesOf(record).find((each) => each.id === id);
  if (found) return found;
  throw new BrinkError('release-not-found', `${record.name} has no release ${id}. \`brink release status ${record.name}\` lists them.`, {
    details: { function: record.name, release: id },
  });
}

export function releasesOf({ releases = [] }: FunctionRecord): readonly ReleaseRecord[] {
  return releases;
}

export function withRelease(record: FunctionRecord, release: ReleaseRecord): FunctionRecord {
  const next = { ...release, revision: release.revision + 1 };
  return { ...record, releases: releasesOf(record).map((each) => (each.id === release.id ? next : each)) };
}

export function wrongState({ name }: FunctionRecord, { id, state }: ReleaseRecord, what: string): BrinkError {
  return new BrinkError('release-conflict', `Release ${id} of ${name} is ${state}, and cannot be ${what}.`, {
    details: { release: id, state },
  });
}

function split(from: number, to: number, percent: number): WeightedVersion[] {
  if (percent === 100) return [{ version: to, weight: 100 }];
  return [
    { version: from, weight: Math.round((100 - percent) * 100) / 100 },
    { version: to, weight: percent },
  ];
}

function checkPlan({ steps, every, startAt }: ReleaseRequest, now: number): void {
  if (steps.length === 0 || steps.length > MAX_STEPS) throw invalid(`It has ${steps.length} steps, and takes 1 to ${MAX_STEPS}`);
  steps.forEach((step, index) => {
    const hundredths = Math.round(step * 100);
    if (!(hundredths >= 1 && step <= 100) || Math.abs(hundredths - step * 100) > 1e-6)
      throw invalid(`Step ${index + 1} is ${step}; a step is a percent above 0, with at most two decimals`);
    if (index > 0 && step <= steps[index - 1]!) throw invalid(`Step ${index + 1} is ${step}, which is not more than the one before it`);
  });
  if (steps.at(-1) !== 100) throw invalid(`Its last step is ${steps.at(-1)}, and has to be 100`);
  if (!(every >= MIN_EVERY && every <= MAX_EVERY)) throw invalid('A step lasts 1 s to 30 days');
  if (startAt !== undefined && startAt > now + MAX_AHEAD) throw invalid('It would begin in more than a year');
}

function invalid(message: string): BrinkError {
  return new BrinkError('release-invalid', `${message}. Write \`--steps 1,5,25,50,100 --every 5m\`.`);
}

function moved({ name }: FunctionRecord, alias: string, revision: number, wanted: number): BrinkError {
  return new BrinkError(
    'alias-conflict',
    `${name}@${alias} has moved meanwhile: it is at revision ${revision}, not ${wanted}. Look again.`,
    {
      details: { revision },
    },
  );
}
