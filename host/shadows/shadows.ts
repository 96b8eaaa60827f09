import { clearScratch, type ScratchPlace } from '../bindings/scratch/clear.ts';
import type { Mirror } from '../dispatch/mirror.ts';
import type { LoadedVersion } from '../dispatch/cell.ts';
import type { Pool } from '../dispatch/pool/pool.ts';
import { BrinkError } from '../errors.ts';
import { standardMessages } from '../gateway/cache/messages.ts';
import type { NoticeEvent } from '../observe/events.ts';
import type { Platform } from '../platform.ts';
import { versionByNumber } from '../registry/change.ts';
import type { FunctionRecord } from '../registry/record.ts';
import type { Hand } from '../registry/release-record.ts';
import {
  addShadow,
  settleShadows,
  shadowById,
  shadowCleared,
  shadowsOf,
  stopShadow,
  type ShadowRequest,
} from '../registry/shadow-change.ts';
import type { ShadowMark, ShadowRecord } from '../registry/shadow-record.ts';
import type { Registry } from '../registry/registry.ts';
import { wakeBy } from '../releases/wake.ts';
import { ignoredBy } from './ignore.ts';
import { createMirror } from './mirror.ts';
import { createReports } from './reports.ts';
import { shownReport, type ShownReport } from './shown.ts';

export interface ShadowsOptions {
  readonly platform: Pick<
    Platform,
    'log' | 'manage' | 'now' | 'random' | 'registryMaxAge' | 'responses' | 'scratch' | 'store' | 'waitUntil'
  >;
  readonly registry: Registry;
  readonly pool: Pool;
  /** A version of a function by its number. */
  readonly version: (name: string, number: number) => Promise<LoadedVersion>;
  /** A function's record has changed. */
  readonly changed: (name: string) => void;
}

/** The shadows of a host's functions. Each change gives the shadow as it is then. */
export interface Shadows {
  readonly mirror: Mirror;
  /** @throws {BrinkError} `shadow-invalid`, `shadow-conflict`, `alias-not-found`, `version-not-found`, `unsupported` */
  start(name: string, request: ShadowRequest, hand: Hand): Promise<ShadowRecord>;
  /** @throws {BrinkError} `shadow-not-found`, `shadow-conflict` */
  end(name: string, id: number, options: { hand: Hand; ifRevision?: number | undefined }): Promise<ShadowRecord>;
  /** What all hosts have found. */
  report(name: string, id: number): Promise<ShownReport>;
  /** Does what is due, and says when it is to be called next, at `other` at the latest; null where there is no need to. */
  due(name: string, other: number | null): Promise<number | null>;
  /** What a host has read of a function: from now on requests are copied, where it has shadows. */
  follow(name: string, record: FunctionRecord | null): void;
  /** A record has been changed here. */
  changed(before: FunctionRecord | null, after: FunctionRecord): void;
  /** A function is gone, and this was its record. */
  removed(record: FunctionRecord): Promise<void>;
  /** A shadow's write was kept off. */
  wrote(mark: ShadowMark, kind: string, count: number): void;
  stop(): Promise<void>;
}

/** Ms until one is looked at of which no more was heard than that it is about to begin. */
const EXPECT = 5_000;
/** What no time is set for is looked at so often. */
const AT_LEAST = 3_600_000;
/** Of a version that is gone, in ms: how long its copies may still run. */
const UNKNOWN_LIMIT = 30_000;
const SIDES = ['shadow', 'baseline'] as const;

export function createShadows({ platform, registry, pool, version, changed }: ShadowsOptions): Shadows {
  const { log, manage, now, random, registryMaxAge, responses, scratch, store, waitUntil } = platform;
  const { messages = standardMessages, bodies } = responses;
  const wake = wakeBy(manage);
  const reports = createReports({ store, waitUntil, clock: () => performance.now() });
  const mirror = createMirror({
    reports,
    version,
    waitUntil,
    pool,
    events: log.emit,
    messages,
    bodies,
    now,
    random,
    ended: (of) => pool.dropShadow(of, 'its shadow has ended'),
  });

  /** When nothing of it runs any more, on any host. */
  async function overAt(record: FunctionRecord, { to, end }: ShadowRecord): Promise<number> {
    const known = record.versions.some(({ number }) => number === to);
    const limit = known ? (await registry.load(record, versionByNumber(record, to))).manifest.limits.deadline_ms : UNKNOWN_LIMIT;
    return end!.time + 2 * limit + (Number.isFinite(registryMaxAge) ? registryMaxAge : 0) + 1_000;
  }

  async function clear(name: string, id: number): Promise<void> {
    for (const side of SIDES) {
      const of = { function: name, id, side };
      if (scratch !== undefined) await clearScratch(of, scratch(of) satisfies ScratchPlace);
    }
  }

  return {
    mirror,
    async start(name, request, hand) {
      if (wake === null)
        throw new BrinkError('unsupported', 'This host was deployed with --static: no version can get copies of requests there.');
      ignoredBy(request.ignore);
      // First, so that a crash in between leaves none that nobody ends.
      await wake(name, now() + EXPECT);
      let id = 0;
      const record = await registry.change(
        name,
        (current) => {
          const added = addShadow(current, request, { now: now(), hand });
          id = added.shadows![0]!.id;
          return added;
        },
        hand,
      );
      changed(name);
      await wake(name, now());
      return shadowById(record, id);
    },
    async end(name, id, { hand, ifRevision }) {
      const record = await registry.change(
        name,
        (current) => {
          checkRevision(current, id, ifRevision);
          return stopShadow(current, id, { now: now(), hand });
        },
        hand,
      );
      changed(name);
      return shadowById(record, id);
    },
    report: async (name, id) => shownReport(await reports.total({ function: name, id })),
    async due(name, other) {
      const found = await registry.find(name);
      if (found === null || shadowsOf(found).length === 0) return other;
      const settled = settleShadows(found, { now: now(), by: 'host' });
      const record =
        settled === found ? found : await registry.change(name, (current) => settleShadows(current, { now: now(), by: 'host' }));
      if (settled !== found) changed(name);
      const times: number[] = other === null ? [] : [other];
      for (const shadow of shadowsOf(record)) {
        if (shadow.end === null) times.push(shadow.until ?? Infinity);
        if (shadow.end === null || shadow.end.cleared) continue;
        const at = await overAt(record, shadow);
        if (at > now()) times.push(at);
        else {
          await clear(name, shadow.id);
          await registry.change(name, (current) => shadowCleared(current, shadow.id));
        }
      }
      return times.length === 0 ? null : Math.min(now() + AT_LEAST, ...times);
    },
    follow: (name, record) => mirror.follow(name, record),
    changed(before, after) {
      const earlier = before === null ? [] : shadowsOf(before);
      for (const shadow of shadowsOf(after)) {
        const was = earlier.find(({ id }) => id === shadow.id);
        if (was === undefined)
          log.emit(noticeOf(after.name, shadow, { time: now(), what: `begins with ${shadow.share}% of the requests` }));
        if (shadow.end === null || was?.end !== null) continue;
        log.emit(noticeOf(after.name, shadow, { time: now(), what: `has ended: ${shadow.end.reason}` }));
        pool.dropShadow({ function: after.name, id: shadow.id }, 'its shadow has ended');
        if (wake !== null) waitUntil(wake(after.name, now()).catch(() => {}));
      }
    },
    async removed({ name, shadows = [] }) {
      for (const { id, end } of shadows) if (end?.cleared !== true) await clear(name, id);
    },
    wrote(mark, kind, count) {
      if (mark.side !== 'shadow') return;
      const of = { function: mark.function, id: mark.id };
      const { writes } = reports.counts(of);
      writes[kind] = (writes[kind] ?? 0) + count;
      reports.soon(of);
    },
    stop: () => reports.stop(),
  };
}

function noticeOf(name: string, { id, alias, to }: ShadowRecord, { time, what }: { time: number; what: string }): NoticeEvent {
  const message = `Shadow ${id} of ${name}@${alias}, version ${to}, ${what}.`;
  return { type: 'host', time, function: '*', version: 0, level: 'info', message };
}

function checkRevision(record: FunctionRecord, id: number, wanted: number | undefined): void {
  const { revision } = shadowById(record, id);
  if (wanted === undefined || wanted === revision) return;
  throw new BrinkError(
    'shadow-conflict',
    `Shadow ${id} of ${record.name} has changed meanwhile: it is at revision ${revision}, not ${wanted}. Look again, then change it.`,
    { details: { shadow: id, revision } },
  );
}
