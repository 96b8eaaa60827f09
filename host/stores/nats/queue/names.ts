import type { ContentType, NewMessage } from '../../queue.ts';
import type { Head } from '../head.ts';
import { subjectOf } from '../subject.ts';

/** Messages that were sent together, and lie in one message of NATS, so that all are there or none. */
export const BATCH = 'queue.batch';
/** What became of one of them: one subject for each, below that of its batch. */
export const CLAIM = 'queue.claim';
/** Until when a lease that was renewed holds. */
export const RENEWAL = 'queue.renewal';
export const ALL = 'queue.>';

/** A message as the head of its batch has it. */
export interface Item {
  readonly id: string;
  readonly size: number;
  readonly type: ContentType;
  readonly sent: number;
  readonly due: number;
  readonly origin?: string;
  readonly key?: string;
}

/** Where a message stands after its first lease. */
export interface ClaimState {
  /** Deliveries, that of a lease included. */
  readonly attempts: number;
  readonly due: number;
  readonly pin: string | null;
  readonly lease: string | null;
  /** When the lease ends, if it is not renewed. */
  readonly until: number;
  /** It has been acked, and others of its batch have not. */
  readonly done?: true;
}

/** Below `BATCH`, and the like. */
export function placeOf(queue: string, batch: string): string {
  return `${subjectOf(queue)}.${batch}`;
}

/** A dead letter is found by its id. */
export function letterOf({ id }: NewMessage): string {
  return `letter-${subjectOf(encodeURIComponent(id))}`;
}

export function headWith(value: readonly Item[] | ClaimState | number): Head {
  return { metadata: JSON.stringify(value) };
}

export function itemOf({ id, body, type, sent, delay = 0, origin, key }: NewMessage, time: number): Item {
  const more = { ...(origin !== undefined && { origin }), ...(key !== undefined && { key }) };
  return { id, size: body.byteLength, type, sent, due: time + delay, ...more };
}
