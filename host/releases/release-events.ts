import type { EventSink, ReleaseEvent } from '../observe/events.ts';
import type { FunctionRecord } from '../registry/record.ts';
import { releasesOf } from '../registry/release-change.ts';
import type { ReleaseRecord } from '../registry/release-record.ts';

/** Tells of each change of a record what that says of releases: for the registry. */
export function tellReleases(emit: EventSink, now: () => number): (before: FunctionRecord | null, after: FunctionRecord) => void {
  return (before, after) => releaseEvents(before, after, now()).forEach(emit);
}

/** What a change of a function's record says of its releases. */
export function releaseEvents(before: FunctionRecord | null, after: FunctionRecord, time: number): ReleaseEvent[] {
  return releasesOf(after).flatMap((release) => {
    const was = before === null ? undefined : releasesOf(before).find(({ id }) => id === release.id);
    const change = changeOf(was, release);
    if (change === null) return [];
    return [releaseEvent(after.name, release, { time, change, reason: reasonOf(release, change) })];
  });
}

export function releaseEvent(
  name: string,
  { id, alias, to, by, step, steps, state }: ReleaseRecord,
  { time, change, reason }: Pick<ReleaseEvent, 'time' | 'change' | 'reason'>,
): ReleaseEvent {
  const gone = state === 'rolled-back' || state === 'aborted' || step === -1;
  return { type: 'release', time, function: name, version: to, alias, release: id, change, weight: gone ? 0 : steps[step]!, reason, by };
}

function changeOf(was: ReleaseRecord | undefined, is: ReleaseRecord): ReleaseEvent['change'] | null {
  if (was === undefined) return 'asked';
  if (was.state !== is.state) {
    switch (is.state) {
      case 'done':
      case 'rolled-back':
      case 'aborted':
      case 'paused':
        return is.state;
      case 'running':
        return was.state === 'paused' ? 'resumed' : 'moved';
      case 'scheduled':
        return null;
    }
  }
  return was.step === is.step ? null : 'moved';
}

function reasonOf({ from, to, step, steps, startAt, verdict }: ReleaseRecord, change: ReleaseEvent['change']): string {
  if (verdict !== null) return verdict.reason;
  if (change === 'asked') return `from version ${from} to ${to} by ${steps.join(', ')} percent, from ${new Date(startAt).toISOString()}`;
  return `step ${step + 1} of ${steps.length}`;
}
