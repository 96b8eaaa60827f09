import { limitsOf } from '../cell/limits.ts';
import { headerOf } from '../gateway/header-lines.ts';
import { lengthOf } from '../metering/body.ts';
import type { Facts, Meter } from '../metering/meter.ts';
import type { Connection } from '../platform.ts';
import type { Invocation, LoadedVersion } from './cell.ts';

/** What is counted of an invocation besides what its event says. */
export function factsOf({ manifest }: LoadedVersion, from?: Arrived): Facts {
  return {
    route: from?.route ?? null,
    memory: limitsOf(manifest).memory_mb,
    requestBytes: from === undefined ? 0 : sizeOf(from),
  };
}

/** How a client's request came. */
export interface Arrived {
  readonly route: string | null;
  readonly request: Request;
  readonly connection: Connection | null;
}

/** The invocation as its cell gets it, where its CPU time is counted. */
export function metered(invocation: Invocation, meter: Meter | null, route: string | null = null): Invocation {
  return meter === null || meter.cpuOf === null ? invocation : { ...invocation, cpu: meter.cpuOf(invocation, route) };
}

function sizeOf({ request, connection }: Arrived): number {
  const text = connection === null ? request.headers.get('content-length') : headerOf('content-length', request, connection);
  return lengthOf(text) ?? 0;
}
