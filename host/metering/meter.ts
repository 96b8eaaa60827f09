import type { Principal } from '../../sdk/context.ts';
import type { InvocationEvent } from '../observe/events.ts';
import { bodySize, countedBody, type BodyTools } from './body.ts';
import type { Ledger } from './ledger.ts';
import type { Platform } from '../platform.ts';
import { NONE, type Counts, type UsageKey } from './usage.ts';

/** Of an invocation, what its event does not say. */
export interface Facts {
  /** The pattern of the route that took it. */
  readonly route: string | null;
  /** MB that its cell may have. */
  readonly memory: number;
  /** Of the request, as its Content-Length says; what has none is counted as it passes. */
  readonly requestBytes: number;
}

/** Whose CPU time it is. */
export type Metered = Omit<UsageKey, 'route' | 'principal'> & { readonly principal: Principal | null };

/** Counts invocations. */
export interface Meter {
  /** What an engine tells of an invocation's CPU time, in ms; null where the engine knows none. */
  readonly cpuOf: ((invocation: Metered, route: string | null) => (ms: number) => void) | null;
  /** What is told of the bytes of a request's body as they pass, where its head does not say how many there are. */
  receivedOf(invocation: Metered, route: string | null): (bytes: number) => void;
  /** Gives when it is written; null where nobody has to wait. */
  ended(event: InvocationEvent, facts: Facts): Promise<void> | null;
  /** The same of one with a response. Gives what is to be sent, which is counted as it goes. */
  answered(event: InvocationEvent, facts: Facts, answer: Answer): Response | Promise<Response>;
}

export interface Answer {
  readonly method: string;
  readonly response: Response;
}

export interface MeterOptions {
  readonly ledger: Ledger;
  readonly now: () => number;
  /** Whether the engine tells of CPU time. */
  readonly cpu: boolean;
  readonly body?: BodyTools | undefined;
  readonly watchSocket?: Platform['watchSocket'];
}

export function createMeter({ ledger, now, cpu, body: tools, watchSocket }: MeterOptions): Meter {
  const cpuOf: Meter['cpuOf'] = ({ function: name, version, alias, trigger, principal }, route) => {
    const key = keyOfMetered({ function: name, version, alias, trigger, principal }, route);
    return (ms) => void ledger.add(now(), key, { ...NONE, cpu: Math.round(ms * 1_000) });
  };
  return {
    cpuOf: cpu ? cpuOf : null,
    receivedOf(invocation, route) {
      const key = keyOfMetered(invocation, route);
      return (bytes) => ledger.pass(now(), key, { ...NONE, requestBytes: bytes });
    },
    ended: (event, facts) => ledger.add(endOf(event), keyOf(event, facts), countsOf(event, facts, 0)),
    answered(event, facts, { method, response }) {
      const key = keyOf(event, facts);
      const size = bodySize(method, response, tools);
      const written = ledger.add(endOf(event), key, countsOf(event, facts, size ?? 0));
      const done = (bytes: number) => ledger.add(now(), key, { ...NONE, responseBytes: bytes });
      let out = response;
      if (size === null) out = countedBody(response, { tools, done });
      else if (response.status === 101 && watchSocket !== undefined)
        out = watchSocket(response, {
          received: (bytes) => ledger.pass(now(), key, { ...NONE, requestBytes: bytes }),
          sent: (bytes) => ledger.pass(now(), key, { ...NONE, responseBytes: bytes }),
        });
      return written === null ? out : written.then(() => out);
    },
  };
}

function keyOf({ function: name, version, alias, trigger, principal }: InvocationEvent, { route }: Facts): UsageKey {
  return { function: name, version, alias, route, principal: principal ?? null, trigger };
}

function keyOfMetered({ function: name, version, alias, trigger, principal }: Metered, route: string | null): UsageKey {
  return { function: name, version, alias, route, principal: principal && `${principal.scheme}:${principal.id}`, trigger };
}

function countsOf({ status, outcome, durationMs, trigger }: InvocationEvent, { memory, requestBytes }: Facts, bytes: number): Counts {
  return {
    invocations: 1,
    errors: status === null ? Number(outcome !== 'ok') : Number(status >= 500),
    cpu: null,
    // Where a rule has answered there was no cell.
    memory: trigger === 'gateway' ? 0 : memory * Math.round(durationMs * 1_000),
    requestBytes,
    responseBytes: bytes,
  };
}

/** By this it is in one hour, though the clock is not looked at again. */
function endOf({ time, durationMs }: InvocationEvent): number {
  return Math.floor(time + durationMs);
}
