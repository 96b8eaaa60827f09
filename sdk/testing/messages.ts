import { bodyBytes, readBody } from '../../host/bindings/queues/body.ts';
import { ACK, RETRY, wordsOn } from '../../host/bindings/queues/said.ts';
import type { Queue } from '../../host/stores/queue.ts';
import type { TestFunction } from './function.ts';
import type { TestBatchOutcome, TestMessage, WaitingMessage } from './types.ts';

/** Messages that are looked at. */
const MOST = 10_000;

/** Calls the `queue` handler with these messages, as if they lay in a queue alone. */
export async function handleMessages(
  tested: TestFunction,
  { queue, messages, now }: { queue: string; messages: readonly TestMessage[]; now: number },
): Promise<TestBatchOutcome> {
  const sent = messages.map(({ body, id, attempts = 1, timestamp = now, contentType = 'v8' }) => ({
    id: id ?? crypto.randomUUID().replaceAll('-', ''),
    timestamp: Number(timestamp),
    attempts,
    type: contentType,
    body: bodyBytes(contentType, body),
  }));
  const bytes = sent.reduce((sum, { body }) => sum + body.byteLength, 0);
  const oldest = sent.length === 0 ? null : Math.min(...sent.map(({ timestamp }) => timestamp));
  const { said, errors } = await tested.queue({ queue, messages: sent, backlog: { messages: sent.length, bytes, oldest } });
  const silence = errors.length === 0 ? ACK : RETRY;
  return {
    errors,
    messages: wordsOn(sent.length, said).map((word = silence, index) => ({
      id: sent[index]!.id,
      outcome: word === ACK ? 'ack' : 'retry',
      ...(word >= 0 && { delaySeconds: word }),
    })),
  };
}

/** What lies in a queue. */
export async function messagesIn(queue: Queue, name: string): Promise<WaitingMessage[]> {
  const stored = await queue.peek(name, MOST);
  return stored.map(({ id, type, body, sent, attempts }) => ({
    id,
    body: readBody(type, body),
    timestamp: new Date(sent),
    attempts,
  }));
}
