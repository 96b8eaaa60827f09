import { toBrinkError, type BrinkError } from '../errors.ts';
import { depthOf, nextTraceparent } from '../observe/trace.ts';
import type { EventSink, InvocationTrigger } from '../observe/events.ts';
import type { Invocation, LoadedVersion, RpcCall, RpcRun } from './cell.ts';
import { loopDetected, MAX_DEPTH } from './depth.ts';
import type { Meter } from '../metering/meter.ts';
import { factsOf, metered } from './facts.ts';
import type { Pool } from './pool/pool.ts';
import type { PooledCell } from './pool/pooled-cell.ts';
import { answeredEvents, endedEvent, pathOf, unexpectedEvent, type Mark, type Result } from './ended.ts';
import type { Arrival } from '../gateway/arrival.ts';
import type { Trial } from '../gateway/attempt.ts';
import type { Behind, Gateway } from '../gateway/gateway.ts';
import { problemOf, problemResponse } from '../gateway/problem.ts';
import type { Chosen, Functions, Wish } from './functions.ts';
import { shadowOf } from './shadow-version.ts';
import type { ShadowMark } from '../registry/shadow-record.ts';

/** What a service binding calls, as the manifest of its function says it. */
export interface ServiceTarget {
  readonly function: string;
  readonly alias: string;
  /** The name of an export; null for the default one. */
  readonly entrypoint: string | null;
  readonly props: Readonly<Record<string, unknown>>;
  /** Whether a request goes by the callee's rules for failures. */
  readonly resilience?: boolean;
}

/** The invocation that calls. The host says so: nothing of it comes from a cell. */
export interface ServiceCaller {
  readonly function: string;
  readonly traceparent: string;
  readonly clientAddress: string | null;
  /** How many calls over service bindings it is inside of itself. */
  readonly depth: number;
  /** When its time is up, in milliseconds since the epoch. One that has been answered has no such time: what has passed does not count. */
  readonly due: number;
  /** Whose writes are kept off: what it calls keeps its own off too. */
  readonly shadow?: ShadowMark;
}

export interface ServiceCall {
  readonly target: ServiceTarget;
  readonly caller: ServiceCaller;
  /** What the platform's own request is, for its engine. */
  readonly raw?: unknown;
  /** Header lines (name, value, name, value…), where the platform has them. */
  readonly rawHeaders?: readonly string[] | null;
}

/** Calls of functions by functions, each an invocation of its own. */
export interface Services {
  /** @throws {BrinkError} `loop-detected`, `function-not-found`, `alias-not-found`, and what `Cell.fetch` throws */
  fetch(request: Request, call: ServiceCall): Promise<Response>;
  /** @throws {BrinkError} as `fetch`; what the method itself throws, `RpcRun.settled` does */
  rpc(rpc: RpcCall, call: ServiceCall): Promise<RpcRun>;
}

export interface ServicesOptions {
  /** Has the rules that calls may go by. */
  readonly gateway: (behind: Behind) => Gateway;
  readonly functions: Functions;
  readonly pool: Pool;
  readonly events: EventSink;
  /** null where nothing is counted. */
  readonly meter: Meter | null;
  readonly now: () => number;
  readonly random: () => number;
}

/** Names that may stand in a log as they are. */
const PLAIN = /^[\w$]{1,128}$/;

interface Begun {
  readonly version: LoadedVersion;
  /** Aborted when the caller wants no answer any more. */
  readonly signal: AbortSignal | null;
  readonly invocation: Invocation;
  readonly mark: Mark;
}

export function createServices(options: ServicesOptions): Services {
  const { events, meter, now, pool } = options;

  /** Nobody waits until it is counted: what is written for the one that calls has this too. */
  const end = ({ version, mark, invocation }: Begun, result: Result) => {
    const { shadow } = version;
    const event = endedEvent(mark, shadow === undefined ? invocation : { ...invocation, trigger: 'shadow' }, result);
    events(event);
    if (meter !== null && shadow === undefined) void meter.ended(event, factsOf(version));
  };
  const fail = (begun: Begun, cause: unknown, result: Omit<Result, 'status' | 'outcome'>): BrinkError => {
    const error = toBrinkError(cause);
    end(begun, { ...result, status: begun.invocation.trigger === 'service' ? error.status : null, outcome: error.code });
    if (error.code === 'internal') events(unexpectedEvent(error, begun.invocation, now()));
    return error;
  };

  /** In a cell that has room for it. The host has admitted the one that calls, which would wait for ever where this one could not begin. */
  const run = async <Result>(
    { version, invocation, mark, signal }: Begun,
    begin: (pooled: PooledCell, invocation: Invocation) => Result,
  ): Promise<Awaited<Result>> => {
    const { depth, due } = invocation.service!;
    const pooled = pool.find(version, depth);
    if (pooled !== null) {
      mark.cold = pooled.state === 'starting';
      const result = await begin(pooled, invocation);
      pooled.answered(mark.start);
      return result;
    }
    const left = due - now();
    const ms = Math.min(version.manifest.limits.deadline_ms - invocation.waited, left > 0 ? left : Infinity);
    return pool.wait(version, { depth, ms, signal }, (late, waited) => {
      mark.cold = late.state === 'starting';
      return begin(late, { ...invocation, waited: invocation.waited + waited });
    });
  };

  const pass = async (request: Request, started: Omit<Started, 'trigger' | 'request'>): Promise<Response> => {
    const begun = begin(options, { ...started, trigger: 'service', request });
    const what = { method: request.method, path: pathOf(request.url) };
    try {
      const response = await run(begun, ({ cell }, invocation) => cell.fetch(request, invocation));
      end(begun, { ...what, status: response.status, outcome: 'ok' });
      return response;
    } catch (cause) {
      throw fail(begun, cause, what);
    }
  };

  const gateway = options.gateway({
    pass: ({ chosen, request, connection: { raw, rawHeaders }, service, trial }) =>
      pass(request, { ...service!, chosen, raw, rawHeaders, ...(trial && { trial }) }).catch((error: unknown) => problemResponse(error)),
    answered: (call, { status }) => answeredEvents(call, status).forEach(events),
  });

  return {
    async fetch(request, call) {
      const chosen = await choose(options, call, request);
      // What a copy of a request meets says nothing of those who wait.
      if (call.target.resilience !== true || call.caller.shadow !== undefined || !gateway.stands(chosen))
        return pass(request, { ...call, chosen });
      const response = await gateway.fetch(arrivalOf(request, call, { chosen, time: now() }));
      const error = problemOf(response);
      if (error !== null) throw error;
      return response;
    },
    async rpc(rpc, call) {
      const chosen = await choose(options, call, null);
      const begun = begin(options, { ...call, chosen, trigger: 'rpc', request: null });
      const what = { method: PLAIN.test(rpc.method) ? rpc.method : '?', path: null };
      const start = ({ cell }: PooledCell, invocation: Invocation) => cell.rpc(rpc, invocation);
      const { output, settled } = await run(begun, start).catch((cause: unknown) => {
        throw fail(begun, cause, what);
      });
      return {
        output,
        settled: settled.then(
          () => end(begun, { ...what, status: null, outcome: 'ok' }),
          (cause: unknown) => {
            throw fail(begun, cause, what);
          },
        ),
      };
    },
  };
}

/** @throws {BrinkError} `loop-detected`, and what `Functions.choose` does */
function choose(
  { functions, now }: ServicesOptions,
  { target, caller }: Pick<ServiceCall, 'target' | 'caller'>,
  request: Request | null,
): Chosen | Promise<Chosen> {
  const depth = caller.depth + 1;
  if (depth > MAX_DEPTH || depthOf(caller.traceparent) >= MAX_DEPTH)
    throw loopDetected({ caller: caller.function, callee: target.function, how: 'over service bindings' });
  const wish: Wish = {
    reference: target.alias,
    // `Brink-Version` of a request that is handed on chose the version of the function that got it first.
    override: null,
    header: (name) => request?.headers.get(name) ?? null,
    address: caller.clientAddress,
  };
  return functions.choose(target.function, wish, now());
}

function begin(
  { meter, now, random }: ServicesOptions,
  { chosen: { version: found, alias }, target, caller, trigger, request, trial, raw = null, rawHeaders = null }: Started,
): Begun {
  const version = caller.shadow === undefined ? found : shadowOf(found, caller.shadow);
  return {
    version,
    signal: request?.signal ?? null,
    mark: { time: now(), start: performance.now(), cold: false },
    invocation: metered(
      {
        function: version.function,
        version: version.number,
        alias,
        trigger,
        traceparent: nextTraceparent(trial?.traceparent ?? caller.traceparent, random),
        url: request?.url ?? '',
        target: request?.url ?? '',
        clientAddress: caller.clientAddress,
        principal: null,
        rawHeaders,
        raw,
        service: { entrypoint: target.entrypoint, props: target.props, depth: caller.depth + 1, due: caller.due },
        waited: trial === undefined ? 0 : version.manifest.limits.deadline_ms - trial.ms,
      },
      version.shadow === undefined ? meter : null,
    ),
  };
}

function arrivalOf(request: Request, call: ServiceCall, { chosen, time }: Pick<Arrival, 'chosen' | 'time'>): Arrival {
  const { target, caller, raw = null, rawHeaders = null } = call;
  return {
    chosen,
    request,
    destination: { function: target.function, reference: target.alias, target: request.url, route: null },
    connection: { address: caller.clientAddress, rawHeaders, raw, signal: request.signal },
    time,
    service: call,
  };
}

interface Started extends ServiceCall {
  readonly chosen: Chosen;
  readonly trigger: InvocationTrigger;
  readonly request: Request | null;
  /** Of one of several calls. */
  readonly trial?: Trial;
}
