import type { Principal } from '../../sdk/context.ts';
import type { ClientCertificate, Connection, Interim } from '../platform.ts';
import type { HeldTo } from './held-body.ts';

interface ConnectionChange {
  readonly principal: Principal | null;
  readonly traceparent: string | undefined;
  readonly rawHeaders?: readonly string[] | null;
  readonly raw?: unknown;
  readonly held?: HeldTo | undefined;
}

/** By hand: to spread a connection would read its signal, which is made when it is read. */
export function changed(connection: Connection, change: ConnectionChange): Connection {
  return new ChangedConnection(connection, change) as Connection;
}

/** A class, since an object that is written with a getter has a shape of its own each time. */
class ChangedConnection {
  readonly address: string | null;
  readonly rawHeaders: readonly string[] | null;
  readonly raw: unknown;
  readonly principal: Principal | undefined;
  readonly traceparent: string | undefined;
  readonly held: HeldTo | undefined;
  readonly #connection: Connection;

  constructor(connection: Connection, change: ConnectionChange) {
    const { principal, traceparent, rawHeaders = connection.rawHeaders, raw = connection.raw, held = connection.held } = change;
    this.address = connection.address;
    this.rawHeaders = rawHeaders;
    this.raw = raw;
    this.principal = principal ?? undefined;
    this.traceparent = traceparent;
    this.held = held;
    this.#connection = connection;
  }

  certificate(): ClientCertificate | null {
    return this.#connection.certificate?.() ?? null;
  }

  get signal(): AbortSignal | undefined {
    return this.#connection.signal;
  }

  get interim(): Interim | undefined {
    return this.#connection.interim;
  }
}
