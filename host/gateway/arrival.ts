import type { Chosen } from '../dispatch/functions.ts';
import type { Destination } from '../dispatch/router.ts';
import type { Connection } from '../platform.ts';
import type { Trial } from './attempt.ts';

/** A request to a version that has been chosen, as the dispatcher takes it. */
export interface Arrival {
  readonly chosen: Chosen;
  readonly request: Request;
  readonly destination: Destination;
  readonly connection: Connection;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Of a request that the function may be called for more than once. */
  readonly trial?: Trial;
  /** Whether rules have changed its header lines, which `request` may not show. */
  readonly edited?: boolean;
}
