import type { Principal } from '../../sdk/context.ts';
import type { Chosen } from './functions.ts';
import type { Destination } from './router.ts';

/** Takes requests that are to be kept: for later, so that they run once, or as messages of a queue. */
export interface Keeper {
  fetch(call: KeptCall): Promise<Response>;
}

/** A request to a version whose manifest has `async`, `idempotency` or `webhooks`. */
export interface KeptCall {
  readonly chosen: Chosen;
  readonly request: Request;
  readonly destination: Destination;
  readonly address: string | null;
  readonly principal: Principal | null;
  /** As any other request is handled. */
  pass(): Promise<Response>;
}
