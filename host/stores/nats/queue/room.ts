import { excessOfQueue, QuotaExceeded, type QueueQuota } from '../../quota.ts';
import type { Backlog, NewMessage } from '../../queue.ts';

/** What this host has under way to a queue, for its quota; what others have is seen when it is there. */
const sending = new WeakMap<object, { messages: number; bytes: number }>();

/** Gives what is called when they have been sent, or have not. @throws {QuotaExceeded} */
export function takeRoom(line: { backlog(): Backlog }, messages: readonly NewMessage[], quota: QueueQuota): () => void {
  const pending = sending.get(line) ?? { messages: 0, bytes: 0 };
  sending.set(line, pending);
  const held = line.backlog();
  const all = { messages: held.messages + pending.messages, bytes: held.bytes + pending.bytes };
  const what = excessOfQueue(all, messages, quota);
  if (what !== null) throw new QuotaExceeded(what, quota[what]);
  const bytes = messages.reduce((sum, { body }) => sum + body.byteLength, 0);
  pending.messages += messages.length;
  pending.bytes += bytes;
  return () => {
    pending.messages -= messages.length;
    pending.bytes -= bytes;
  };
}
