import type { BrinkError } from '../errors.ts';
import { requestIdOf, traceIdOf } from '../observe/trace.ts';
import type { ExceptionEvent, InvocationEvent } from '../observe/events.ts';
import type { Invocation } from './cell.ts';

/** How an invocation began. */
export interface Mark {
  readonly time: number;
  readonly start: number;
  cold: boolean;
}

/** What is told of it. */
export type Ended = Pick<Invocation, 'function' | 'version' | 'alias' | 'trigger' | 'traceparent'>;

/** How it went. */
export interface Result {
  readonly method: string | null;
  readonly path: string | null;
  readonly status: number | null;
  readonly outcome: string;
}

export function endedEvent({ time, start, cold }: Mark, invocation: Ended, result: Result): InvocationEvent {
  const { function: name, version, alias, trigger, traceparent } = invocation;
  return {
    type: 'invocation',
    time,
    function: name,
    version,
    alias,
    trigger,
    method: result.method,
    path: result.path,
    status: result.status,
    outcome: result.outcome,
    durationMs: Math.round((performance.now() - start) * 1000) / 1000,
    cold,
    requestId: requestIdOf(traceparent),
    traceId: traceIdOf(traceparent),
  };
}

/** The caller hears `internal`; the log has to say what it was. */
export function unexpectedEvent({ cause }: BrinkError, { function: name, version, traceparent }: Invocation, time: number): ExceptionEvent {
  const { message, stack = message } = cause instanceof Error ? cause : new Error(String(cause));
  return {
    type: 'exception',
    time,
    function: name,
    version,
    message: `The host failed: ${message}`,
    stack,
    requestId: requestIdOf(traceparent),
  };
}

/** What the log says of a URL: its path. */
export function pathOf(url: string): string {
  const start = url.indexOf('/', url.indexOf('://') + 3);
  if (start === -1) return '/';
  const query = url.indexOf('?', start);
  return query === -1 ? url.slice(start) : url.slice(start, query);
}
