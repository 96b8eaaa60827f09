import { BrinkError } from '../errors.ts';
import type { EventSink } from '../observe/events.ts';
import type { Platform } from '../platform.ts';
import type { Freezes } from '../registry/freezes.ts';
import type { FunctionRecord } from '../registry/record.ts';
import {
  addRelease,
  pauseRelease,
  releaseById,
  resumeRelease,
  takeBackRelease,
  wrongState,
  type ReleaseRequest,
} from '../registry/release-change.ts';
import { isActive, type Hand, type ReleaseRecord } from '../registry/release-record.ts';
import type { Registry } from '../registry/registry.ts';
import { ReleaseDriver, type Progress } from './driver.ts';
import { parseGuard } from './guard.ts';
import { createOutcomes, type Outcomes } from './outcomes.ts';
import { createTallies } from './tallies.ts';
import { wakeBy } from './wake.ts';

export interface ReleasesOptions {
  readonly platform: Pick<Platform, 'log' | 'manage' | 'now' | 'store' | 'waitUntil'>;
  readonly registry: Registry;
  readonly freezes: Freezes;
  /** A function's record has changed. */
  readonly changed: (name: string) => void;
}

/** The releases of a host's functions. Each change gives the release as it is then. */
export interface Releases {
  /** @throws {BrinkError} `release-invalid`, `release-conflict`, `guard-invalid`, `frozen`, `alias-not-found`, `alias-conflict`, `version-not-found` */
  ask(name: string, request: ReleaseRequest, hand: Hand): Promise<ReleaseRecord>;
  change(name: string, id: number, what: Change): Promise<ReleaseRecord>;
  progress(name: string, release: ReleaseRecord): Promise<Progress>;
  /** Does what is due, and says when it is to be called next. */
  due(name: string): Promise<number | null>;
  /** What a host has read of a function: from now on its versions are counted, where a release goes by that. */
  readonly follow: Outcomes['follow'];
  /** Takes events to the log, and counts them on their way. */
  readonly counted: EventSink;
  stop(): Promise<void>;
}

export interface Change {
  readonly to: 'pause' | 'resume' | 'abort';
  readonly hand: Hand;
  /** The revision that the release must have. */
  readonly ifRevision?: number | undefined;
}

/** Ms until a release is looked at of which no more was heard than that it is about to be asked for. */
const EXPECT = 5_000;

export function createReleases(options: ReleasesOptions): Releases {
  const { platform, registry, freezes, changed } = options;
  const { log, manage, now, store, waitUntil } = platform;
  const wake = wakeBy(manage);
  const outcomes: Outcomes = createOutcomes();
  const tallies = createTallies({ store, outcomes, waitUntil, clock: () => performance.now() });
  const driver = new ReleaseDriver({ registry, freezes, store, tallies, events: log.emit, now, changed });

  return {
    async ask(name, request, hand) {
      if (wake === null)
        throw new BrinkError('unsupported', 'This host was deployed with --static: its aliases are those of the deploy, and do not move.');
      parseGuard(request.guard);
      const startAt = request.startAt === undefined ? undefined : Math.max(request.startAt, now());
      await freezes.check(name, { override: hand.overrideFreeze ?? null, ...(startAt !== undefined && { time: startAt }) });
      // First, so that a crash in between leaves no release that nobody looks at.
      await wake(name, now() + EXPECT);
      let id = 0;
      const ahead = { ...request, startAt };
      const record = await registry.change(
        name,
        (current) => {
          const added = addRelease(current, ahead, { now: now(), hand });
          id = added.releases![0]!.id;
          return added;
        },
        hand,
      );
      changed(name);
      await wake(name, now());
      return releaseById(record, id);
    },
    async change(name, id, { to, hand, ifRevision }) {
      const record = await registry.change(
        name,
        (current) => {
          checkRevision(current, id, ifRevision);
          return changedTo(current, id, { to, hand, now: now() });
        },
        { ...hand, release: id },
      );
      changed(name);
      await wake?.(name, now());
      return releaseById(record, id);
    },
    progress: (name, release) => driver.progress(name, release),
    due: (name) => driver.due(name),
    follow: outcomes.follow,
    counted(event) {
      log.emit(event);
      if (event.type === 'invocation' && outcomes.count(event)) tallies.soon();
    },
    stop: () => tallies.stop(),
  };
}

function changedTo(record: FunctionRecord, id: number, { to, hand, now }: { to: Change['to']; hand: Hand; now: number }): FunctionRecord {
  switch (to) {
    case 'pause':
      return pauseRelease(record, id, now);
    case 'resume':
      return resumeRelease(record, id, now);
    case 'abort': {
      const release = releaseById(record, id);
      if (!isActive(release)) throw wrongState(record, release, 'aborted');
      const reason = `aborted by ${hand.by}${hand.why ? `: ${hand.why}` : ''}`;
      return takeBackRelease(record, id, { state: 'aborted', verdict: { time: now, reason, figures: [] } });
    }
  }
}

function checkRevision(record: FunctionRecord, id: number, wanted: number | undefined): void {
  const { revision } = releaseById(record, id);
  if (wanted === undefined || wanted === revision) return;
  throw new BrinkError(
    'release-conflict',
    `Release ${id} of ${record.name} has changed meanwhile: it is at revision ${revision}, not ${wanted}. Look again, then change it.`,
    { details: { release: id, revision } },
  );
}
