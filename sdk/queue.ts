/**
 * A queue that a function sends to, bound by `queues.producers` of its manifest and found as `env.NAME`. The API is that of
 * Workers, https://developers.cloudflare.com/queues/configuration/javascript-apis/. A queue's name is known in the whole host:
 * whoever names it sends to the same one, and the function whose live version names it in `queues.consumers` gets the messages.
 *
 * **Limits.** A message has at most 128,000 bytes; a `sendBatch` at most 100 messages and 288,000 bytes; a delay is 0 to 86,400
 * seconds (24 hours).
 *
 * **Delivery.** At least once, in no promised order. What was sent stays until a consumer has acked it, or until it was retried
 * as often as the consumer's `max_retries` says: then it goes to the `dead_letter_queue`, or is dropped where none is named,
 * which the log tells. A queue without a consumer keeps its messages.
 *
 * **Durability.** A message whose `send` has resolved survives the end of the host's process; on Node also a loss of power.
 *
 * **Errors.** Each method returns a promise, and rejects it: a `TypeError` where an argument is not what it has to be, a
 * `DataCloneError` where a body cannot be cloned, and an `Error` where a limit is passed, in the words of Workers: `Queue send
 * failed: message length of 128001 bytes exceeds limit of 128000`. What the host's quota of messages or bytes has no room for is an
 * `Error` with the name `QuotaExceededError` and `code: 'quota-exceeded'`; of a `sendBatch` then nothing is sent. A method that
 * is called outside of a handler, or when its invocation has ended, rejects too: keep what is to go on with `ctx.waitUntil()`.
 *
 * @example
 * ```ts
 * await env.MAILS.send({ to: 'ada@example.com', subject: 'Hello' }, { delaySeconds: 60 });
 * await env.MAILS.sendBatch([{ body: { to: 'bob@example.com' } }, { body: 'text', contentType: 'text' }]);
 * ```
 */
export interface Queue<Body = unknown> {
  /**
   * Sends one message.
   *
   * @throws {TypeError} where the body is undefined, or is not of its content type
   * @throws {Error} where the message is too large, or the delay out of range
   */
  send(body: Body, options?: QueueSendOptions): Promise<QueueSendResponse>;

  /** Sends 1 to 100 messages: all of them or none. @throws as `send` */
  sendBatch(messages: Iterable<MessageSendRequest<Body>>, options?: QueueSendBatchOptions): Promise<QueueSendResponse>;

  /** How much waits in the queue. */
  metrics(): Promise<QueueMetrics>;
}

/**
 * What a body is on its way: `text` takes a string, `bytes` an ArrayBufferView (and gives an ArrayBuffer), `json` what
 * `JSON.stringify` takes. `v8` takes what structured clone takes of the language: primitives, plain objects, arrays, boxed
 * primitives, Date, RegExp, Map, Set, ArrayBuffer and its views, errors, and references to the same object or in a circle. It is
 * the same on each platform. Objects of the platform, such as a Blob or a Request, cannot be sent, and neither can functions
 * and symbols.
 */
export type QueueContentType = 'text' | 'bytes' | 'json' | 'v8';

export interface QueueSendOptions {
  /** `json` by default; `v8` where the compatibility date is before 2024-03-18, as on Workers (`queues_json_messages`). */
  readonly contentType?: QueueContentType;
  /** Seconds until it is delivered, 0 to 86,400; the producer's `delivery_delay` by default. */
  readonly delaySeconds?: number;
  /**
   * 1 to 255 characters. What was sent to this queue with the same key within the last five minutes is not sent again: the call
   * resolves as if it were. With another body or content type it is refused (`code: 'idempotency-key-reused'`). Not on Workers.
   */
  readonly idempotencyKey?: string;
}

export interface QueueSendBatchOptions {
  /** Of the messages that have none of their own. */
  readonly delaySeconds?: number;
}

export interface MessageSendRequest<Body = unknown> extends QueueSendOptions {
  readonly body: Body;
}

/** The state of the queue with the new messages in it. */
export interface QueueSendResponse {
  readonly metadata: { readonly metrics: QueueMetrics };
}

export interface QueueMetrics {
  /** Messages that are not acked: waiting, delayed, or with a consumer. */
  readonly backlogCount: number;
  /** Bytes of their bodies. */
  readonly backlogBytes: number;
  /** When the first of them was sent; not there where there is none. */
  readonly oldestMessageTimestamp?: Date;
}

/**
 * The messages that a `queue` handler takes. Each that was neither acked nor retried when the handler and its `waitUntil` work
 * have ended is acked where they ended well, and retried where one of them threw, or where they took longer than
 * `limits.deadline_ms`. What was said before a failure holds.
 *
 * https://developers.cloudflare.com/queues/configuration/javascript-apis/#messagebatch
 */
export interface MessageBatch<Body = unknown> {
  /** The queue's name. */
  readonly queue: string;
  /** 1 to `max_batch_size`, in no promised order. */
  readonly messages: readonly Message<Body>[];
  /** The state of the queue when the batch was made. */
  readonly metadata: MessageBatchMetadata;
  /** Acks those that have neither been acked nor retried themselves. */
  ackAll(): void;
  /** Retries those that have neither been acked nor retried themselves. */
  retryAll(options?: QueueRetryOptions): void;
}

export interface MessageBatchMetadata {
  readonly metrics: QueueMetrics;
}

/** The first call of `ack` or `retry` holds; later ones change nothing. */
export interface Message<Body = unknown> {
  /** 32 hex digits, given by the queue; the same at each delivery, and in a dead-letter queue. */
  readonly id: string;
  /** When it was sent. */
  readonly timestamp: Date;
  /** How often it has been delivered, this time included: 1 at first, and 1 again in a dead-letter queue. */
  readonly attempts: number;
  readonly body: Body;
  /** It is done, and not delivered again. */
  ack(): void;
  /** It is delivered again, on the version that had it this time where that is still there, until `max_retries` is reached. */
  retry(options?: QueueRetryOptions): void;
}

export interface QueueRetryOptions {
  /** Seconds before it is delivered again, up to 86,400; the consumer's `retry_delay` where it is not given, which is 0 by default. */
  readonly delaySeconds?: number;
}
