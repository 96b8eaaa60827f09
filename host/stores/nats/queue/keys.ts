import type { NewMessage } from '../../queue.ts';
import { KeyReused, unsentOf, type SendKey } from '../../queue-keys.ts';
import type { Bucket } from '../bucket.ts';
import type { Head } from '../head.ts';
import { each } from './each.ts';
import { BATCH, keptKeyOf, keyedOf, placeOf } from './names.ts';

/** Whether a message with this key was sent. @throws {KeyReused} where it was another */
export function isSent(head: Head, { name, fingerprint }: SendKey, time: number): boolean {
  const kept = inForce(head, time);
  if (kept !== undefined && kept !== fingerprint) throw new KeyReused(name);
  return kept !== undefined;
}

/**
 * Those that were not sent, looked up before any of them is, so that one that is refused has none sent. Who comes at the same
 * time is told by the write.
 */
export async function unsentIn(
  bucket: Bucket,
  { queue, messages, now }: { readonly queue: string; readonly messages: readonly NewMessage[]; readonly now: () => number },
): Promise<readonly NewMessage[]> {
  const known = new Map<string, string>();
  await each(messages, async ({ key }) => {
    const there = await bucket.get(`${BATCH}.${placeOf(queue, keyedOf(key!.name))}`);
    const kept = there === null ? undefined : inForce(there.head, now());
    if (kept !== undefined) known.set(key!.name, kept);
  });
  return unsentOf(messages, (key) => known.get(key));
}

/** A key is known for as long as its message is there, in any case. */
function inForce(head: Head, time: number): string | undefined {
  const kept = keptKeyOf(head);
  return kept !== undefined && (head.deleted !== true || kept.until > time) ? kept.fingerprint : undefined;
}
