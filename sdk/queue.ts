/**
 * The messages that a `queue` handler takes. Each that was neither acked nor retried when the handler ends is acked
 * where it ended well, and retried where it threw.
 *
 * https://developers.cloudflare.com/queues/configuration/javascript-apis/#messagebatch
 */
export interface MessageBatch<Body = unknown> {
  /** The queue's name. */
  readonly queue: string;
  /** In no promised order. */
  readonly messages: readonly Message<Body>[];
  /** Acks those that have neither been acked nor retried themselves. */
  ackAll(): void;
  /** Retries those that have neither been acked nor retried themselves. */
  retryAll(options?: QueueRetryOptions): void;
}

/** The first call of `ack` or `retry` holds; later ones change nothing. */
export interface Message<Body = unknown> {
  /** Given by the queue; the same at each delivery. */
  readonly id: string;
  /** When it was sent. */
  readonly timestamp: Date;
  /** How often it has been delivered, this time included: 1 at first. */
  readonly attempts: number;
  readonly body: Body;
  /** It is done, and not delivered again. */
  ack(): void;
  /** It is delivered again, until the queue's number of attempts is reached. */
  retry(options?: QueueRetryOptions): void;
}

export interface QueueRetryOptions {
  /** Seconds before it is delivered again; the queue's own delay where it is not given. */
  readonly delaySeconds?: number;
}
