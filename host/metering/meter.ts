import type { Principal } from '../../sdk/context.ts';
import type { InvocationEvent } from '../observe/events.ts';
import { bodySize, countedBody, type BodyTools } from './body.ts';
import type { Ledger } from './ledger.ts';
import { NONE, type Counts, type UsageKey } from './usage.ts';

/** Of an invocation, what its event does not say. */
export interface Facts {
  /** The pattern of the route that took it. */
  readonly route: string | null;
  /** MB that its cell may have. */
  readonly memory: number;
  /** Of the request, as its Content-Length says. */
  readonly requestBytes: number;
}

/** Whose CPU time it is. */
export type Metered = Omit<UsageKey, 'route' | 'principal'> & { readonly principal: Principal | null };

/** Counts invocations. */
export interface Meter {
  /** What an engine tells of an invocation's CPU time, in ms; null where the engine knows none. */
  readonly cpuOf: ((invocation: Metered, route: string | null) => (ms: number) => void) | null;
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
}

export function createMeter({ ledger, now, cpu, body: tools }: MeterOptions): Meter {
  const cpuOf: Meter['cpuOf'] = ({ function: name, version, alias, trigger, principal }, route) => {
    const id = principal && `${principal.scheme}:${principal.id}`;
    const key = { function: name, version, alias, route, principal: id, trigger };
    return (ms) => void ledger.add(now(), key, { ...NONE, cpu: Math.round(ms * 1_000) });
  };
  return {
    cpuOf: cpu ? cpuOf : null,
    ended: (event, facts) => ledger.add(endOf(event), keyOf(event, facts), countsOf(event, facts, 0)),
    answered(event, facts, { method, response }) {
      const key = keyOf(event, facts);
      const size = bodySize(method, response, tools);
      const written = ledger.add(endOf(event), key, countsOf(event, facts, size ?? 0));
      const out =
        size === null
          ? countedBody(response, { tools, done: (bytes) => ledger.add(now(), key, { ...NONE, responseBytes: bytes }) })
          : response;
      return written === null ? out : written.then(() => out);
    },
  };
}

function keyOf({ function: name, version, alias, trigger, principal }: InvocationEvent, { route }: Facts): UsageKey {
  return { function: name, version, alias, route, principal: principal ?? null, trigger };
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
