import type { QueueConsumer } from '../../dispatch/consumers.ts';
import type { QueueBatch, QueueOutcome } from '../../dispatch/cell.ts';
import type { QueueEvent } from '../../observe/events.ts';
import type { Backlog, LeasedMessage, Queue, Settlement } from '../../stores/queue.ts';
import { QuotaExceeded, type QueueQuota } from '../../stores/quota.ts';
import { ACK, RETRY, wordsOn } from './said.ts';

/** Ms until a dead letter is moved again that its queue had no room for. */
const UNTIL_ROOM = 60_000;

/** How a batch was handled. */
export interface Delivered extends Pick<QueueOutcome, 'said'> {
  readonly version: number;
  /** `ok`, or the code of the error. */
  readonly outcome: string;
  /** It was the host that ended it, to stop: what the handler said nothing of is as if it had not been delivered. */
  readonly cutOff?: boolean;
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
  /** What their queue may have. */
  readonly quota?: QueueQuota | undefined;
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
  const buried = hopeless.length === 0 ? [] : await bury(hopeless, boundTo(consumer.function, hopeless[0]!.pin) ?? 0, delivery);
  const handled = others.length === 0 ? [] : await handle({ ...delivery, messages: others });
  return [...buried, ...handled];
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
  const buried = dead.length === 0 ? [] : await bury(dead, delivered.version, delivery);
  if (delivered.cutOff === true) return decided.map(({ message: { id }, word }) => ({ id, to: word === ACK ? 'ack' : 'release' }));
  const pin = pinOf(consumer.function, delivered.version);
  const again = failed.filter(({ message }) => message.attempts <= consumer.max_retries);
  return [
    ...acked.map(({ id }): Settlement => ({ id, to: 'ack' })),
    ...buried,
    ...again.map(({ message: { id }, word }): Settlement => {
      return { id, to: 'retry', delay: (word === RETRY ? consumer.retry_delay : word) * 1000, pin };
    }),
  ];
}

/**
 * Messages of the highest number of attempts go to the queue for them, if there is one. Where that has no room they stay, and
 * are no more handled: the next delivery tries the move again. The log says so in each case.
 */
async function bury(messages: readonly LeasedMessage[], version: number, delivery: Delivery): Promise<Settlement[]> {
  const { consumer, now, emit } = delivery;
  const { dead_letter_queue: deadLetterQueue = null } = consumer;
  const moved = deadLetterQueue === null || (await move(messages, deadLetterQueue, delivery));
  const change = !moved ? 'kept' : deadLetterQueue === null ? 'dropped' : 'dead-lettered';
  for (const { id, attempts } of messages) {
    emit({
      type: 'queue',
      time: now(),
      function: consumer.function,
      version,
      queue: consumer.queue,
      message: id,
      change,
      attempts,
      deadLetterQueue,
    });
  }
  return messages.map(({ id, pin }) => (moved ? { id, to: 'ack' } : { id, to: 'retry', delay: UNTIL_ROOM, pin }));
}

/** False where the other queue has no room. */
async function move(messages: readonly LeasedMessage[], to: string, { consumer, queue, quota }: Delivery): Promise<boolean> {
  const letters = messages.map(({ id, body, type, sent }) => ({ id, body, type, sent, origin: consumer.queue }));
  try {
    await queue.send(to, letters, quota && { quota });
    return true;
  } catch (error) {
    if (error instanceof QuotaExceeded) return false;
    throw error;
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
