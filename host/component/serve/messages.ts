import type { MessageBatch } from '../../../sdk/queue.ts';
import { messagingMessage, type MessagingError, type MessagingMessage } from '../brink/queues/messaging.ts';
import type { Result } from '../wasi/values/result.ts';
import { guestError } from './events.ts';

/**
 * `wasi:messaging/incoming-handler`: the messages of a batch one after the other, each acked or retried by how its own call
 * ended.
 *
 * @throws what the first of them failed with, when all are through
 */
export async function deliverMessages(
  batch: MessageBatch,
  handle: (message: MessagingMessage) => Promise<Result<undefined, MessagingError>>,
): Promise<void> {
  let failure: { readonly error: unknown } | null = null;
  for (const message of batch.messages) {
    try {
      const result = await handle(messagingMessage(message, batch.queue));
      if (result.tag === 'err') throw guestError(describe(result.val));
      message.ack();
    } catch (error) {
      failure ??= { error };
      message.retry();
    }
  }
  if (failure !== null) throw failure.error;
}

function describe({ tag, val }: MessagingError): string {
  return val === undefined || val === '' ? tag : tag === 'other' ? val : `${tag}: ${val}`;
}
