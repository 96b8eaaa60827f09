import type { QueueMessage } from '../../../dispatch/cell.ts';
import type { MessageHead } from '../frames.ts';

/** The messages of a batch: their bodies lie one behind the other. */
export function messagesOf(heads: readonly MessageHead[], bodies: Uint8Array): QueueMessage[] {
  let at = 0;
  return heads.map(([id, timestamp, attempts, type, size]) => ({
    id,
    timestamp,
    attempts,
    type,
    body: bodies.subarray(at, (at += size)),
  }));
}
