import type { Msg } from '@nats-io/nats-core';

/** What a consumer says of a message that it sends. */
export interface Delivery {
  readonly revision: number;
  /** 1 for the consumer's first. */
  readonly order: number;
  /** When it was written, by the server's clock; milliseconds since the epoch. */
  readonly time: number;
  /** How many are still to come. */
  readonly pending: number;
}

/** Status of a message that says only that there is nothing to say. */
export const HEARTBEAT = 100;

/** `$JS.ACK.{stream}.{consumer}.{delivered}.{sequence}.{order}.{nanoseconds}.{pending}`; newer servers put a domain and an account before, and a token behind. */
export function deliveryOf({ reply = '' }: Msg): Delivery {
  const tokens = reply.split('.');
  const [revision, order, time, pending] = tokens.slice(tokens.length === 9 ? 5 : 7).map(Number);
  return { revision: revision!, order: order!, time: Math.floor(time! / 1_000_000), pending: pending! };
}
