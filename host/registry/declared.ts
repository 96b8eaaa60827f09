import type { JsonValue, Manifest } from './manifest.ts';
import { cronSchedule, declaredSchedule, isScheduler, type DeclaredSchedule, type ManifestSchedule } from './manifest-schedules.ts';
import { liveVersions, type FunctionRecord, type VersionEntry } from './record.ts';

/** What a version's entry says of its schedules, beyond `crons`; an empty list where it may make some. */
export function schedulesOf(manifest: Manifest): Pick<VersionEntry, 'schedules'> {
  return manifest.schedules === undefined ? {} : { schedules: ownSchedules(manifest).map(declaredSchedule) };
}

/** What `live` declares, with what tells one from another: versions may have the same name at different times. */
export interface LiveSchedule extends DeclaredSchedule {
  readonly key: string;
}

/** The schedules of the versions that `live` names, each once; of two that differ in their rules alone, the newer one's. */
export function declaredBy(record: FunctionRecord): LiveSchedule[] {
  const declared = liveVersions(record).flatMap(({ crons, schedules = [] }) => [...crons.map(cronSchedule), ...schedules]);
  return [...new Map(declared.map((each) => [keyOf(each), each]))].map(([key, each]) => ({ ...each, key }));
}

/** Whether a version declares this schedule, and what its handler gets along then. */
export function declaredPayload(manifest: Manifest, name: string): { readonly payload?: JsonValue } | null {
  if (manifest.triggers.crons.includes(name)) return {};
  const found = ownSchedules(manifest).find((each) => each.name === name);
  return found === undefined ? null : found.payload === undefined ? {} : { payload: found.payload };
}

/** Whether a change of a function's record is one of its schedules. A function that goes takes along those that it made itself. */
export function changesSchedules(before: FunctionRecord | null, after: FunctionRecord | null): boolean {
  if (after === null) return before!.versions.some(({ crons, schedules }) => crons.length > 0 || schedules !== undefined);
  return (
    JSON.stringify(before && declaredBy(before)) !== JSON.stringify(declaredBy(after)) &&
    !(before === null && declaredBy(after).length === 0)
  );
}

function keyOf({ name, timing, jitter }: DeclaredSchedule): string {
  return JSON.stringify([name, 'cron' in timing ? [timing.cron, timing.timezone ?? null] : timing.every, jitter]);
}

function ownSchedules({ schedules = [] }: Manifest): ManifestSchedule[] {
  return schedules.filter((each): each is ManifestSchedule => !isScheduler(each));
}
