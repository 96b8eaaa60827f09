import type { GatewayCall, Next } from '../call.ts';
import type { Asked } from './asked.ts';
import type { PurgeList } from './purges.ts';
import type { Place } from './responses.ts';
import type { Field } from './vary.ts';

/** One request to a cache. */
export interface Visit {
  readonly call: GatewayCall;
  readonly next: Next;
  readonly field: Field;
  readonly asked: Asked;
  readonly at: Place;
  readonly purges: PurgeList;
  /** Milliseconds since the epoch. */
  readonly now: number;
}
