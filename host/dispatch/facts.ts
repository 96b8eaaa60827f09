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

/** The invocation as its cell gets it, where something is counted that the cell tells. */
export function metered(invocation: Invocation, meter: Meter | null, from?: Arrived): Invocation {
  if (meter === null) return invocation;
  const route = from?.route ?? null;
  return {
    ...invocation,
    ...(meter.cpuOf !== null && { cpu: meter.cpuOf(invocation, route) }),
    ...(from !== undefined && saidOf(from) === null && { received: meter.receivedOf(invocation, route) }),
  };
}

function sizeOf(from: Arrived): number {
  return saidOf(from) ?? 0;
}

function saidOf({ request, connection }: Arrived): number | null {
  return lengthOf(connection === null ? request.headers.get('content-length') : headerOf('content-length', request, connection));
}
