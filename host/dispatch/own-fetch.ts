import { toBrinkError, type BrinkError, type Code } from '../errors.ts';
import type { EventSink, InvocationTrigger } from '../observe/events.ts';
import { nextTraceparent } from '../observe/trace.ts';
import type { Cell, LoadedVersion } from './cell.ts';
import { endedEvent } from './ended.ts';
import { ownInvocation } from './own-invocation.ts';

export interface OwnFetchTools {
  readonly events: EventSink;
  readonly now: () => number;
  readonly random: () => number;
}

/** A GET that the host makes by itself, of a version that no alias leads to yet. */
export interface OwnFetch<Result> {
  readonly version: LoadedVersion;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly trigger: InvocationTrigger;
  /** Ms that all of it may take. */
  readonly within: number;
  /** The code of all that goes wrong, and how that is told: `what` says what the version did. */
  readonly code: Code;
  readonly failure: (what: string, cause?: unknown) => BrinkError;
  /** Makes something of the response. What it throws with that code is thrown as it is. */
  readonly use: (response: Response) => Promise<Result> | Result;
}

/** Asks a cell, and writes down how it went. @throws {BrinkError} what `failure` makes */
export async function ownFetch<Result>(cell: Cell, asked: OwnFetch<Result>, { events, now, random }: OwnFetchTools): Promise<Result> {
  const { version, path, headers, trigger, within, code, failure, use } = asked;
  const aborter = new AbortController();
  const url = `http://localhost${path}`;
  const request = new Request(url, { headers, signal: aborter.signal });
  const invocation = ownInvocation(version, { alias: null, trigger, traceparent: nextTraceparent(null, random), url });
  const mark = { time: now(), start: performance.now(), cold: false };
  let ended = false;
  const end = (status: number | null, outcome: string) => {
    if (!ended) events(endedEvent(mark, invocation, { method: 'GET', path, status, outcome }));
    ended = true;
  };
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(failure(`gave no answer at ${path} within ${within} ms`));
    aborter.abort();
  }, within);
  const used = cell.fetch(request, invocation).then((response) => {
    end(response.status, 'ok');
    return use(response);
  });
  used.catch(() => {});
  try {
    return await Promise.race([used, late.promise]);
  } catch (cause) {
    const error = toBrinkError(cause);
    if (error.code === code) throw error;
    end(error.status, error.code);
    throw failure(`failed at ${path} (${error.code})`, cause);
  } finally {
    clearTimeout(timer);
  }
}
