import type { Copy, Mirror, MirrorCall } from '../dispatch/mirror.ts';
import type { LoadedVersion } from '../dispatch/cell.ts';
import { headerOf } from '../gateway/header-lines.ts';
import type { InvocationEvent } from '../observe/events.ts';
import type { FunctionRecord } from '../registry/record.ts';
import { shadowsOf } from '../registry/shadow-change.ts';
import type { ShadowMark, ShadowRecord } from '../registry/shadow-record.ts';
import { readAlong, type AnswerTools } from './answer.ts';
import { Bounded } from './bounded.ts';
import { differences, type Answer } from './compare.ts';
import { ignoredBy, type Ignored } from './ignore.ts';
import { addAnswer, addPair, bump, type ShadowCounts, type Timed } from './report.ts';
import type { Reports } from './reports.ts';
import { runShadow, type KeptRequest, type RunTools } from './run.ts';

export interface MirrorOptions extends RunTools, AnswerTools {
  readonly reports: Reports;
  /** A version of a function by its number. */
  readonly version: (name: string, number: number) => Promise<LoadedVersion>;
  readonly waitUntil: (promise: Promise<unknown>) => void;
  /** One is no more: what it still has is given up. */
  readonly ended: (of: Pick<ShadowMark, 'function' | 'id'>) => void;
}

/** Copies of one shadow that may be under way at once in a host; what comes besides is not copied. */
export const MAX_UNDER_WAY = 16;
/** And of all shadows of a host. */
export const MAX_OF_ALL = 64;
/** How long a request's body is waited for once its answer has gone, in ms. */
const LATE_BODY = 250;

interface Watched {
  readonly name: string;
  readonly record: ShadowRecord;
  readonly ignored: Ignored;
  readonly counts: ShadowCounts;
  underWay: number;
}

export interface FollowingMirror extends Mirror {
  /** What is known of a function now; null where it is not there. */
  follow(name: string, record: Pick<FunctionRecord, 'shadows'> | null): void;
}

export function createMirror(options: MirrorOptions): FollowingMirror {
  const { reports, random, waitUntil, ended } = options;
  const watched = new Map<string, readonly Watched[]>();
  /** Of all of them. */
  let underWay = 0;

  const take = ({ chosen, request, connection, invocation, time }: MirrorCall): Copy | null => {
    const { version, alias, forced } = chosen;
    if (alias === null || forced) return null;
    const shadow = watched.get(version.function)?.find((each) => each.record.alias === alias);
    if (shadow === undefined || version.number === shadow.record.to) return null;
    const { share, until } = shadow.record;
    if ((until !== null && time >= until) || random() * 100 >= share) return null;
    const { counts } = shadow;
    counts.drawn++;
    reports.soon({ function: shadow.name, id: shadow.record.id });
    if (shadow.underWay >= MAX_UNDER_WAY || underWay >= MAX_OF_ALL) return dropped(counts, 'busy');
    if (headerOf('upgrade', request, connection) !== null) return dropped(counts, 'upgrade');
    shadow.underWay++;
    underWay++;
    return copyOf({ shadow, version, request, connection, invocation, time });
  };

  function copyOf({ shadow, version, request, connection, invocation, time }: Taken): Copy {
    const [asked, answer] = [new Bounded(), new Bounded()];
    let event: InvocationEvent | undefined;
    const release = () => {
      shadow.underWay--;
      underWay--;
      reports.soon({ function: shadow.name, id: shadow.record.id });
    };
    return {
      tap: asked,
      ended: (told) => void (event = told),
      answered(response) {
        const { status } = response;
        const { outcome = 'ok', durationMs: ms = 0, cold = false, requestId = '' } = event ?? {};
        const lines = options.messages.lines(response);
        const plain = status === 101 || outcome !== 'ok';
        if (plain) answer.end();
        const out = plain ? response : readAlong(response, answer, options);
        const kept = () => ({ invocation, ...rememberedOf(request, connection) });
        const run = compared({ shadow, version, time, live: { status, outcome, lines, ms, cold }, asked, answer, requestId, kept })
          .catch(() => bump(shadow.counts.dropped, 'failed'))
          .finally(release);
        waitUntil(run);
        return out;
      },
      lost: release,
    };
  }

  /** After the answer: nobody waits for it. */
  async function compared({ shadow, version, time, live, asked, answer, requestId, kept }: Answered): Promise<void> {
    const { counts, ignored, record } = shadow;
    // The answer of a host that is full says nothing of the version.
    if (REFUSALS.has(live.outcome)) return bump(counts.dropped, 'live-refused');
    const limit = version.manifest.limits.deadline_ms;
    const abort = new AbortController();
    const giveUp = after(limit, () => answer.give());
    let [end, late] = [() => {}, () => {}];
    try {
      void answer.came.then(() => (late = after(LATE_BODY, () => asked.give())));
      const body = await asked.came;
      if (typeof body === 'string') return bump(counts.dropped, body === 'broken' ? 'request-unread' : 'request-too-large');
      const mark = { function: shadow.name, id: record.id, outbound: record.outbound };
      const request: KeptRequest = { ...kept(), body: body as Uint8Array<ArrayBuffer> };
      const call = (called: LoadedVersion, side: ShadowMark['side']) =>
        runShadow(called, { mark: { ...mark, side }, kept: request, signal: abort.signal }, options);
      const to = await options.version(shadow.name, record.to);
      end = after(2 * Math.max(limit, to.manifest.limits.deadline_ms), () => abort.abort());
      const [made, self, whole] = await Promise.all([call(to, 'shadow'), record.baseline ? call(version, 'baseline') : null, answer.came]);
      if (typeof made === 'string') return bump(counts.dropped, made);
      const given: Answer & Timed = {
        ...live,
        body: whole === 'too-large' ? 'live-too-large' : whole === 'broken' ? 'live-broken' : whole,
      };
      addAnswer(counts, 'live', given);
      addAnswer(counts, 'shadow', made);
      const uncompared = [given.body, made.body].find((each) => typeof each === 'string') ?? null;
      addPair(counts, {
        time,
        requestId,
        differences: await differences(given, made, ignored),
        self: self === null || typeof self === 'string' ? null : await differences(given, self, ignored),
        uncompared: typeof uncompared === 'string' ? uncompared : null,
      });
    } finally {
      giveUp();
      end();
      late();
    }
  }

  return {
    get any() {
      return watched.size > 0;
    },
    take,
    follow(name, record) {
      const before = watched.get(name) ?? [];
      const active = (record === null ? [] : shadowsOf(record)).filter(({ end }) => end === null);
      const now = active.map((each): Watched => {
        const known = before.find((other) => other.record.id === each.id && other.record.startedAt === each.startedAt);
        if (known) return known;
        return {
          name,
          record: each,
          ignored: ignoredBy(each.ignore),
          counts: reports.counts({ function: name, id: each.id }),
          underWay: 0,
        };
      });
      if (now.length === 0) watched.delete(name);
      else watched.set(name, now);
      for (const each of before) if (!now.includes(each)) ended({ function: name, id: each.record.id });
    },
  };
}

interface Taken extends Pick<MirrorCall, 'request' | 'connection' | 'invocation' | 'time'> {
  readonly shadow: Watched;
  readonly version: LoadedVersion;
}

interface Answered extends Pick<Taken, 'shadow' | 'version' | 'time'> {
  readonly live: Omit<Answer, 'body'> & Timed;
  readonly asked: Bounded;
  readonly answer: Bounded;
  readonly requestId: string;
  readonly kept: () => Omit<KeptRequest, 'body'>;
}

/** By these the host refuses a request before a function has it. */
const REFUSALS: ReadonlySet<string> = new Set(['overloaded', 'boot-loop', 'loop-detected']);

function dropped(counts: ShadowCounts, why: string): null {
  bump(counts.dropped, why);
  return null;
}

function rememberedOf(request: Request, connection: MirrorCall['connection']): Pick<KeptRequest, 'method' | 'headers' | 'sent'> {
  const { rawHeaders } = connection;
  const { method } = request;
  const sent = headerOf('traceparent', request, connection);
  return { method, sent, headers: rawHeaders === null ? new Headers(request.headers) : null };
}

function after(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}
