import { endedEvent, pathOf } from '../dispatch/ended.ts';
import type { Invocation, LoadedVersion } from '../dispatch/cell.ts';
import type { Pool } from '../dispatch/pool/pool.ts';
import { shadowOf } from '../dispatch/shadow-version.ts';
import { toBrinkError } from '../errors.ts';
import type { Messages } from '../gateway/cache/messages.ts';
import type { EventSink } from '../observe/events.ts';
import { nextTraceparent } from '../observe/trace.ts';
import type { ShadowMark } from '../registry/shadow-record.ts';
import { readWhole } from './answer.ts';
import { Bounded } from './bounded.ts';
import type { Answer } from './compare.ts';
import type { Timed } from './report.ts';

/** A request, kept so that it can be made again. */
export interface KeptRequest {
  readonly method: string;
  /** null where the invocation has its lines. */
  readonly headers: Headers | null;
  readonly body: Uint8Array<ArrayBuffer>;
  /** The one that was answered. */
  readonly invocation: Invocation;
  /** The `traceparent` that it came with. */
  readonly sent: string | null;
}

export interface RunTools {
  readonly pool: Pick<Pool, 'find'>;
  readonly events: EventSink;
  readonly messages: Messages;
  readonly now: () => number;
  readonly random: () => number;
}

/** Why a copy was not answered. */
export type NotRun = 'no-cell' | 'method';

/** Calls a version with a copy of a request, in cells that keep their writes off. */
export async function runShadow(
  version: LoadedVersion,
  { mark, kept, signal }: { mark: ShadowMark; kept: KeptRequest; signal: AbortSignal },
  { pool, events, messages, now, random }: RunTools,
): Promise<(Answer & Timed) | NotRun> {
  const shadow = shadowOf(version, mark);
  const { method, headers, body, sent } = kept;
  const { cpu: _cpu, tap: _tap, ...invoked } = kept.invocation;
  const invocation: Invocation = { ...invoked, version: shadow.number, traceparent: nextTraceparent(sent, random), raw: null, waited: 0 };
  if ((method === 'GET' || method === 'HEAD') && body.byteLength > 0) return 'method';
  const request = new Request(invocation.target, {
    method,
    ...(headers && { headers }),
    redirect: 'manual',
    signal,
    ...(body.byteLength > 0 && { body }),
  });
  const start = performance.now();
  const begun = { time: now(), start, cold: false };
  const ended = (status: number, outcome: string) => {
    events(endedEvent(begun, { ...invocation, trigger: 'shadow' }, { method, path: pathOf(invocation.target), status, outcome }));
  };
  try {
    // It waits for no place: what is full is busy with what counts.
    const pooled = pool.find(shadow, 0);
    if (pooled === null) return 'no-cell';
    begun.cold = pooled.state === 'starting';
    const response = await pooled.cell.fetch(request, invocation);
    pooled.answered(start);
    const ms = performance.now() - start;
    ended(response.status, 'ok');
    const bounded = new Bounded();
    signal.addEventListener('abort', () => bounded.give(), { once: true });
    readWhole(response, bounded, messages);
    const came = await bounded.came;
    return {
      status: response.status,
      outcome: 'ok',
      lines: messages.lines(response),
      body: typeof came === 'string' ? `shadow-${came}` : came,
      ms,
      cold: begun.cold,
    };
  } catch (cause) {
    const { code, status } = toBrinkError(cause);
    ended(status, code);
    return { status, outcome: code, lines: [], body: new Uint8Array(), ms: performance.now() - start, cold: begun.cold };
  }
}
