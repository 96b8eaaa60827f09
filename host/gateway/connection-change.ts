import type { Principal } from '../../sdk/context.ts';
import type { Connection } from '../platform.ts';
import type { HeldTo } from './held-body.ts';

interface ConnectionChange {
  readonly principal: Principal | null;
  readonly traceparent: string | undefined;
  readonly rawHeaders?: readonly string[] | null;
  readonly raw?: unknown;
  readonly held?: HeldTo | undefined;
}

/** By hand: to spread a connection would read its signal, which is made when it is read. */
export function changed(
  connection: Connection,
  { principal, traceparent, rawHeaders = connection.rawHeaders, raw = connection.raw, held = connection.held }: ConnectionChange,
): Connection {
  return {
    address: connection.address,
    rawHeaders,
    raw,
    ...(held && { held }),
    ...(principal && { principal }),
    ...(traceparent !== undefined && { traceparent }),
    get signal() {
      return connection.signal as AbortSignal;
    },
  };
}
