import type { CacheRule } from '../../registry/gateway/cache.ts';
import type { GatewayCall } from '../call.ts';
import type { Next } from '../step.ts';
import type { Asked } from './asked.ts';
import type { Entry } from './entry.ts';
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

/** How a function is asked. */
export interface Errand {
  /** What is kept, and is to be validated; null where there is nothing. */
  readonly entry: Entry | null;
  /** Why, for `Cache-Status`. */
  readonly why: string;
  /** Nobody waits for it. */
  readonly background: boolean;
}

/** RFC 9111, section 3.5. Where the rule has responses of their own for each, it is as if each were another URL. */
export function isPersonal(call: Visit['call'], field: Visit['field'], { headers }: CacheRule): boolean {
  return call.principal !== null || (field('authorization') !== null && !headers.includes('authorization'));
}
