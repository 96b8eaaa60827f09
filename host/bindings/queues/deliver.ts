import type { QueueConsumer } from '../../dispatch/consumers.ts';
import type { QueueBatch, QueueOutcome } from '../../dispatch/cell.ts';
import type { QueueEvent } from '../../observe/events.ts';
import type { Backlog, LeasedMessage, Queue, Settlement } from '../../stores/queue.ts';
import { ACK, RETRY, wordsOn } from './said.ts';

/** How a batch was handled. */
export interface Delivered extends Pick<QueueOutcome, 'said'> {
  readonly version: number;
  /** `ok`, or the code of the error. */
  readonly outcome: string;
}

export function deliveredOf({ said, failure, version }: QueueOutcome & { readonly version: number }): Delivered {
  return { said, version, outcome: failure?.code ?? 'ok' };
}

export interface Delivery {
  readonly consumer: QueueConsumer;
  readonly messages: readonly LeasedMessage[];
  readonly backlog: Backlog;
  /** Takes dead letters. */
  readonly queue: Pick<Queue, 'send'>;
  readonly now: () => number;
  call(batch: QueueBatch): Promise<Delivered>;
  emit(event: QueueEvent): void;
}

/** Has a batch handled, and says what becomes of its messages; dead letters are in their queue by then. Rejects where that fails. */
export async function deliver(delivery: Delivery): Promise<Settlement[]> {
  const { consumer, messages } = delivery;
  // Of deliveries that no host has outlived: one more could end this one as well.
  const hopeless = messages.filter(({ attempts }) => attempts > consumer.max_retries + 1);
  const others = messages.filter(({ attempts }) => attempts <= consumer.max_retries + 1);
  if (hopeless.length > 0) await bury(hopeless, boundTo(consumer.function, hopeless[0]!.pin) ?? 0, delivery);
  const handled = others.length === 0 ? [] : await handle({ ...delivery, messages: others });
  return [...hopeless.map(({ id }): Settlement => ({ id, to: 'ack' })), ...handled];
}

async function handle(delivery: Delivery): Promise<Settlement[]> {
  const { consumer, messages, backlog, call } = delivery;
  let delivered: Delivered;
  try {
    delivered = await call({ queue: consumer.queue, messages: messages.map(withTimestamp), backlog });
  } catch {
    // No version took them: it was no delivery.
    return messages.map(({ id }) => ({ id, to: 'release' }));
  }
  const words = wordsOn(messages.length, delivered.said);
  const silence = delivered.outcome === 'ok' ? ACK : RETRY;
  const decided = messages.map((message, index) => ({ message, word: words[index] ?? silence }));
  const acked = decided.filter(({ word }) => word === ACK).map(({ message }) => message);
  const failed = decided.filter(({ word }) => word !== ACK);
  const dead = failed.filter(({ message }) => message.attempts > consumer.max_retries).map(({ message }) => message);
  if (dead.length > 0) await bury(dead, delivered.version, delivery);
  const pin = pinOf(consumer.function, delivered.version);
  const again = failed.filter(({ message }) => message.attempts <= consumer.max_retries);
  return [
    ...[...acked, ...dead].map(({ id }): Settlement => ({ id, to: 'ack' })),
    ...again.map(({ message: { id }, word }): Settlement => {
      return { id, to: 'retry', delay: (word === RETRY ? consumer.retry_delay : word) * 1000, pin };
    }),
  ];
}

/** Messages of the highest number of attempts go to the queue for them, if there is one; the log says so in either case. */
async function bury(messages: readonly LeasedMessage[], version: number, delivery: Delivery): Promise<void> {
  const { consumer, queue, now, emit } = delivery;
  const { dead_letter_queue: deadLetterQueue = null } = consumer;
  if (deadLetterQueue !== null) {
    const letters = messages.map(({ id, body, type, sent }) => ({ id, body, type, sent, origin: consumer.queue }));
    await queue.send(deadLetterQueue, letters);
  }
  for (const { id, attempts } of messages) {
    emit({
      type: 'queue',
      time: now(),
      function: consumer.function,
      version,
      queue: consumer.queue,
      message: id,
      change: deadLetterQueue === null ? 'dropped' : 'dead-lettered',
      attempts,
      deadLetterQueue,
    });
  }
}

/** How a message is bound to a version. */
export function pinOf(consumer: string, version: number): string {
  return `${consumer}@${version}`;
}

/** The version of the consumer that a message is bound to. */
export function boundTo(consumer: string, pin: string | null): number | null {
  return pin !== null && pin.startsWith(`${consumer}@`) ? Number(pin.slice(consumer.length + 1)) : null;
}

function withTimestamp({ id, sent, attempts, type, body }: LeasedMessage) {
  return { id, timestamp: sent, attempts, type, body };
}
