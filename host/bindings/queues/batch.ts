import type { Message, MessageBatch, MessageBatchMetadata, QueueRetryOptions } from '../../../sdk/queue.ts';
import type { QueueBatch, QueueMessage } from '../../dispatch/cell.ts';
import { readBody } from './body.ts';
import { ACK, MAX_DELAY, RETRY, type Say } from './said.ts';

/** What a `queue` handler is called with: https://developers.cloudflare.com/queues/configuration/javascript-apis/#messagebatch */
export class Batch implements MessageBatch {
  readonly queue: string;
  readonly messages: readonly Message[];
  readonly metadata: MessageBatchMetadata;
  readonly #said: Said;

  constructor({ queue, messages, backlog }: QueueBatch, say: Say) {
    this.queue = queue;
    this.#said = new Said(messages.length, say);
    this.messages = messages.map((message, index) => new BatchMessage(message, index, this.#said));
    this.metadata = {
      metrics: {
        backlogCount: backlog.messages,
        backlogBytes: backlog.bytes,
        ...(backlog.oldest !== null && { oldestMessageTimestamp: new Date(backlog.oldest) }),
      },
    };
  }

  ackAll(): void {
    this.#said.rest(ACK);
  }

  retryAll(options?: QueueRetryOptions): void {
    this.#said.rest(delayOf(options));
  }
}

class BatchMessage implements Message {
  readonly id: string;
  readonly timestamp: Date;
  readonly attempts: number;
  declare readonly body: unknown;
  readonly #index: number;
  readonly #said: Said;

  constructor(message: QueueMessage, index: number, said: Said) {
    this.id = message.id;
    this.timestamp = new Date(message.timestamp);
    this.attempts = message.attempts;
    this.#index = index;
    this.#said = said;
    defineBody(this, message);
  }

  ack(): void {
    this.#said.one(this.#index, ACK);
  }

  retry(options?: QueueRetryOptions): void {
    this.#said.one(this.#index, delayOf(options));
  }
}

/** The first word on each message holds. */
class Said {
  readonly #open: Set<number>;
  readonly #say: Say;

  constructor(count: number, say: Say) {
    this.#open = new Set(Array.from({ length: count }, (_, index) => index));
    this.#say = say;
  }

  one(index: number, code: number): void {
    if (this.#open.delete(index)) this.#say(index, code);
  }

  rest(code: number): void {
    for (const index of this.#open) this.#say(index, code);
    this.#open.clear();
  }
}

/** What cannot be read throws where it is looked at: the others of the batch do not suffer from it. */
function defineBody(target: object, { type, body }: QueueMessage): void {
  try {
    Object.defineProperty(target, 'body', { value: readBody(type, body), enumerable: true, configurable: true });
  } catch (cause) {
    const get = () => {
      throw new TypeError('The body of this message is not what its content type says.', { cause });
    };
    Object.defineProperty(target, 'body', { get, enumerable: true, configurable: true });
  }
}

/** Whole seconds, as Web IDL makes of it a number; what is out of range becomes the nearest that is not. */
function delayOf(options: QueueRetryOptions | null | undefined): number {
  const asked = options?.delaySeconds;
  return asked === undefined ? RETRY : Math.min(Math.max(Math.trunc(Number(asked)) || 0, 0), MAX_DELAY);
}
