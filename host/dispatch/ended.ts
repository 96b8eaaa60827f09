import type { BrinkError } from '../errors.ts';
import type { GatewayCall } from '../gateway/call.ts';
import { requestIdOf, traceIdOf } from '../observe/trace.ts';
import type { ExceptionEvent, HostEvent, InvocationEvent } from '../observe/events.ts';
import type { Principal } from '../../sdk/context.ts';
import type { Invocation } from './cell.ts';

/** How an invocation began. */
export interface Mark {
  readonly time: number;
  readonly start: number;
  cold: boolean;
}

/** What is told of it. */
export type Ended = Pick<Invocation, 'function' | 'version' | 'alias' | 'trigger' | 'traceparent'> & Partial<Pick<Invocation, 'principal'>>;

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
    durationMs: millisecondsSince(start),
    cold,
    requestId: requestIdOf(traceparent),
    traceId: traceIdOf(traceparent),
    ...principalOf(invocation.principal ?? null),
  };
}

/** Of a request that one of the gateway's rules has answered, and why that was not the client's fault, where it was not. */
export function answeredEvents(call: GatewayCall, status: number): [InvocationEvent, ...HostEvent[]] {
  const { failure, arrival } = call;
  const event = answeredEvent(call, status);
  if (failure?.cause === undefined) return [event];
  const { function: name, number: version } = arrival.chosen.version;
  return [event, causedEvent(failure, { function: name, version, time: arrival.time, requestId: event.requestId })];
}

function answeredEvent({ arrival, start, traceparent, target, method, failure, principal }: GatewayCall, status: number): InvocationEvent {
  const { version, alias } = arrival.chosen;
  const { function: name, number } = version;
  const invocation: Ended = { function: name, version: number, alias, trigger: 'gateway', traceparent, principal };
  const result = { method, path: pathOf(target), status, outcome: failure?.code ?? 'ok' };
  return endedEvent({ time: arrival.time, start, cold: false }, invocation, result);
}

/** The caller hears `internal`; the log has to say what it was. */
export function unexpectedEvent(error: BrinkError, { function: name, version, traceparent }: Invocation, time: number): ExceptionEvent {
  return causedEvent(error, { function: name, version, time, requestId: requestIdOf(traceparent) });
}

function causedEvent(
  { code, message, cause }: BrinkError,
  about: Pick<ExceptionEvent, 'function' | 'version' | 'time' | 'requestId'>,
): ExceptionEvent {
  const why = cause instanceof Error ? cause : new Error(String(cause));
  const text = code === 'internal' ? `The host failed: ${why.message}` : `${message} (${why.message})`;
  return { type: 'exception', ...about, message: text, stack: why.stack ?? text };
}

function principalOf(principal: Principal | null): { readonly principal?: string } | null {
  return principal && { principal: `${principal.scheme}:${principal.id}` };
}

/** To a thousandth. @param start `performance.now()` */
function millisecondsSince(start: number): number {
  return Math.round((performance.now() - start) * 1000) / 1000;
}

/** What the log says of a URL: its path. */
export function pathOf(url: string): string {
  const start = url.indexOf('/', url.indexOf('://') + 3);
  if (start === -1) return '/';
  const query = url.indexOf('?', start);
  return query === -1 ? url.slice(start) : url.slice(start, query);
}
