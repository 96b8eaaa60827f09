import type { Msg } from '@nats-io/nats-core';
import type { Heading } from './bucket.ts';
import type { Delivery } from './delivery.ts';
import { headOf } from './head.ts';

/** What a server says of the size of a message that it sends without its value. */
const SIZE = 'Nats-Msg-Size';

/** Of a message that came without its value. */
export function headingOf({ headers }: Msg, { revision, time }: Delivery): Heading {
  return { head: headOf(headers), revision, time, size: Number(headers?.get(SIZE) ?? 0) };
}
