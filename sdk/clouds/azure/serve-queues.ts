import { eachMessage, valueOf, type Batch, type Message } from '../messages.ts';
import type { Call, Settings } from '../settings.ts';
import { invoke } from './invoke.ts';
import type { QueueFunction } from './registry.ts';

/** A queue's messages call the function that names it: one by one, or all of a batch where that asks for many. */
export function serveQueues(all: readonly QueueFunction[], settings: Settings) {
  return async (batch: Batch, env: Readonly<Record<string, unknown>>, { brink }: Call): Promise<void> => {
    const fn = all.find(({ queue }) => queue === batch.queue);
    if (fn === undefined)
      throw new TypeError(
        `No function takes messages of the queue ${JSON.stringify(batch.queue)}; there are some for ${all.map(({ queue }) => JSON.stringify(queue)).join(', ')}.`,
      );
    const run = (trigger: unknown, message: Message) => {
      const context = {
        invocationId: message.id,
        traceParent: brink.traceparent,
        triggerMetadata: metadataOf(fn, message),
        options: { ...fn },
      };
      return invoke(fn, { settings, env, context, trigger });
    };
    const [first] = batch.messages;
    if (fn.many && first !== undefined)
      await run(
        batch.messages.map(({ body }) => valueOf(body)),
        first,
      );
    else await eachMessage(batch, (message) => run(valueOf(message.body), message));
  };
}

function metadataOf({ kind }: QueueFunction, { id, timestamp, attempts }: Message): Record<string, unknown> {
  const sent = timestamp.toISOString();
  if (kind === 'serviceBusQueue') return { messageId: id, deliveryCount: attempts, enqueuedTimeUtc: sent };
  return { id, dequeueCount: attempts, insertionTime: sent, popReceipt: `${id}/${attempts}` };
}
