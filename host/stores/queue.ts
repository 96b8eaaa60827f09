import type { QueueQuota } from './quota.ts';

/**
 * Messages by queue, each delivered at least once: what the queues of functions lie in. A queue is there when it is named;
 * one without messages is empty. A message has at most 128 KB, and lies where it was put until it is acked.
 *
 * Whoever takes messages leases them: nobody else gets them until the lease ends. It ends by itself after its time, and with
 * the process that holds the state; its messages are then ready again, and that delivery counts among their attempts.
 *
 * Bodies that it hands out are its own, and nobody writes to them.
 *
 * What has been acknowledged (`send`, `settle`) survives `kill -9` of the host. Ready messages are leased in the order of the
 * time when they became ready, which is that of their sending where nothing is delayed or retried.
 */
export interface Queue {
  /**
   * Puts messages into a queue: all of them or none. One with an `origin` whose id the queue has already is left
   * out, so that a move that a crash has cut off can be made again. Rejects with `QuotaExceeded`, and puts none there,
   * where the queue would have more than `quota`; leased messages count.
   */
  send(queue: string, messages: readonly NewMessage[], options?: { readonly quota?: QueueQuota }): Promise<Backlog>;

  /**
   * Leases up to `limit` messages that are ready. Where there are fewer, and the oldest has been ready for less than `wait`,
   * it leases none: more may come.
   */
  lease(queue: string, options: LeaseOptions): Promise<Lease>;

  /** Has a lease hold for `ms` from now. False where it has ended. */
  renew(queue: string, lease: string, ms: number): Promise<boolean>;

  /**
   * Says what became of messages of a lease; those that it does not name stay leased. Messages that the lease does not hold
   * any more are passed over.
   */
  settle(queue: string, lease: string, outcomes: readonly Settlement[]): Promise<void>;

  counts(queue: string): Promise<QueueCounts>;

  /** The first messages in the order in which they are or become ready, leased ones among them, without leasing any. */
  peek(queue: string, limit: number): Promise<readonly StoredMessage[]>;

  /** Removes all messages, leased ones too, and says how many. */
  purge(queue: string): Promise<number>;
}

/** What the bytes of a body are. https://developers.cloudflare.com/queues/configuration/javascript-apis/#queuescontenttype */
export type ContentType = 'text' | 'bytes' | 'json' | 'v8';

export interface NewMessage {
  /** Given by who sends it; no two messages of one queue have the same. */
  readonly id: string;
  readonly body: Uint8Array;
  readonly type: ContentType;
  /** When it was sent first, in milliseconds since the epoch. */
  readonly sent: number;
  /** Milliseconds until it is ready; 0 by default. */
  readonly delay?: number;
  /** Where it is from: the queue that it could not be delivered from, or `webhook:` and the function and path that took it. */
  readonly origin?: string;
  /** Messages with one key are delivered in their order: none is leased while one before it is not acked, but in the same lease. */
  readonly key?: string;
}

export interface LeaseOptions {
  readonly limit: number;
  /** Milliseconds that a lone message waits for others; 0 by default. */
  readonly wait?: number;
  /** Milliseconds that the lease holds. */
  readonly ms: number;
}

export interface Lease {
  /** Names it for `renew` and `settle`. */
  readonly lease: string;
  readonly messages: readonly LeasedMessage[];
  /** What the queue has, these included. */
  readonly backlog: Backlog;
  /** Where no message was leased: how many are ready, less than `limit`. */
  readonly ready: number;
  /** Where no message was leased: when there may be one, in milliseconds since the epoch; null where that takes a `send`. */
  readonly next: number | null;
}

export interface StoredMessage extends Omit<NewMessage, 'delay'> {
  /** How often it has been delivered. */
  readonly attempts: number;
  /** When it is or was ready. */
  readonly due: number;
  /** Where a retry has bound it to: `settle` with `pin`. */
  readonly pin: string | null;
  readonly leased: boolean;
}

export interface LeasedMessage extends Omit<StoredMessage, 'due' | 'leased'> {
  /** This delivery included: 1 at first. */
  readonly attempts: number;
}

export type Settlement =
  /** `filtered`: its consumer does not want it, and it is counted as such. */
  | { readonly id: string; readonly to: 'ack'; readonly filtered?: true }
  /** It is as if it had not been leased. */
  | { readonly id: string; readonly to: 'release' }
  /** It is ready again in `delay` ms; `pin` is kept with it. */
  | { readonly id: string; readonly to: 'retry'; readonly delay: number; readonly pin: string | null };

/** The messages that are not acked, leased ones included. */
export interface Backlog {
  readonly messages: number;
  /** Of their bodies. */
  readonly bytes: number;
  /** When the first of them in the order of delivery was sent, in milliseconds since the epoch; null where there is none. */
  readonly oldest: number | null;
}

export interface QueueCounts extends Backlog {
  /** Those of them that wait for their time. */
  readonly delayed: number;
  readonly leased: number;
  /** Those that were acked as `filtered`, since there is this queue; where many hosts share it, by this one since it began. */
  readonly filtered: number;
}
