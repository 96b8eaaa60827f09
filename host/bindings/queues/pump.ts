import type { QueueConsumer } from '../../dispatch/consumers.ts';
import type { QueueBatch } from '../../dispatch/cell.ts';
import type { QueueEvent } from '../../observe/events.ts';
import type { Lease, LeasedMessage, Queue, Settlement } from '../../stores/queue.ts';
import type { Timers } from '../timers.ts';
import type { QueueQuota } from '../../stores/quota.ts';
import { boundTo, deliver, type Delivered } from './deliver.ts';
import { KeptFilter } from './filter.ts';

export interface PumpOptions {
  /** The name of the one whose messages it delivers. */
  readonly name: string;
  readonly queue: Queue;
  /** What a queue of dead letters may have. */
  readonly quota?: QueueQuota | undefined;
  readonly now: () => number;
  /** Who takes the messages; null where nobody does now. */
  consumer(): Promise<QueueConsumer | null>;
  /** Calls the handler, of the version that the messages stay on where that is not null. */
  call(consumer: string, bound: number | null, batch: QueueBatch): Promise<Delivered>;
  emit(event: QueueEvent): void;
  readonly timers: Timers;
  /** Nothing is begun any more once it has aborted. */
  readonly stopping: AbortSignal | null;
}

/** A lease holds for so long, in ms, and is renewed three times in it: what a host held that is gone is soon another's. */
const LEASE = 60_000;
const RENEW = LEASE / 3;
/** Batches at once, where the consumer does not say. */
const MAX_CONCURRENCY = 10;
/** What is due later than in so many ms is not waited for here. */
const HORIZON = 65_000;

/**
 * Takes the messages of a queue to its consumer. Each lane leases a batch, has it handled, settles it and leases the next in one
 * step. Another lane begins when there is a batch that no lane has taken.
 */
export class Pump {
  readonly #options: PumpOptions;
  readonly #filter = new KeptFilter();
  #lanes = 0;
  #limit = 1;
  /** Sent since a lane looked last, and how many would make a batch. */
  #sent = 0;
  #missing = 1;
  /** When there may be a batch, and what takes the timer for it away. */
  #next: number | null = null;
  #noLonger: (() => void) | undefined;
  #ended: PromiseWithResolvers<number | null> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: PumpOptions) {
    this.#options = options;
  }

  /** Delivers until there is nothing to do soon, and says when there is, or null. Rejects where the store fails. */
  run(): Promise<number | null> {
    if (this.#ended !== undefined) return this.#ended.promise;
    this.#ended = Promise.withResolvers();
    this.#failure = undefined;
    this.#next = null;
    const { promise } = this.#ended;
    const { stopping } = this.#options;
    const stop = () => this.#goOnOrEnd();
    stopping?.addEventListener('abort', stop);
    this.#begin();
    return promise.finally(() => stopping?.removeEventListener('abort', stop));
  }

  /** So many messages have come. False where it does not run, and has to be started. */
  notify(count: number): boolean {
    if (this.#ended === undefined) return false;
    this.#sent += count;
    if (this.#sent >= this.#missing) this.#begin();
    return true;
  }

  /** Whether it looks for messages, or delivers some: else it waits for a time, or has ended. */
  get busy(): boolean {
    return this.#lanes > 0;
  }

  get #stopped(): boolean {
    return this.#failure !== undefined || this.#options.stopping?.aborted === true;
  }

  #begin(): void {
    if (this.#lanes >= this.#limit) return;
    this.#lanes++;
    this.#lane()
      .catch((error: unknown) => (this.#failure ??= { error }))
      .finally(() => {
        this.#lanes--;
        this.#goOnOrEnd();
      });
  }

  async #lane(): Promise<void> {
    const { queue, name } = this.#options;
    let consumer = await this.#consumer();
    let lease = await this.#lease(consumer);
    while (consumer !== null && lease !== null) {
      // There may be more than one batch; and somebody is to wait for what is due before this one is handled.
      this.#begin();
      const settlements = await this.#handleWanted(consumer, lease);
      consumer = await this.#consumer();
      // Both at once, so that they share a transaction.
      const settled = queue.settle(name, lease.lease, settlements);
      if (settlements.some(({ to }) => to === 'release')) {
        await settled;
        // The host has handed them back.
        if (this.#stopped) return;
        // At once it would be the same again.
        throw new Error(`no version of the consumer of ${name} took a batch`);
      }
      [lease] = await Promise.all([this.#lease(consumer), settled]);
    }
  }

  async #consumer(): Promise<QueueConsumer | null> {
    const consumer = await this.#options.consumer();
    if (consumer !== null) this.#limit = consumer.max_concurrency ?? MAX_CONCURRENCY;
    return consumer;
  }

  /** null where there is nothing to do for this lane. */
  async #lease(consumer: QueueConsumer | null): Promise<Lease | null> {
    const { queue, name } = this.#options;
    if (this.#stopped || this.#lanes > this.#limit) return null;
    this.#sent = 0;
    this.#missing = Infinity;
    this.#forgetNext();
    if (consumer === null) return null;
    const { max_batch_size: limit, max_batch_timeout: seconds } = consumer;
    const lease = await queue.lease(name, { limit, wait: seconds * 1000, ms: LEASE });
    // Where none is ready, the next may be due before what is waited for.
    this.#missing = lease.ready === 0 ? 1 : limit - lease.ready;
    if (lease.messages.length > 0) {
      this.#missing = 1;
      return this.#alike(consumer, lease);
    }
    if (lease.next !== null) this.#wait(lease.next);
    return null;
  }

  /** Messages that a retry has bound to a version stay on it, apart from others: those go back at once, for another lane. */
  async #alike({ function: consumer }: QueueConsumer, leased: Lease): Promise<Lease> {
    const { lease, messages } = leased;
    const version = ({ pin }: LeasedMessage) => boundTo(consumer, pin);
    const keys = new Set<string>();
    const others = messages.filter((each) => {
      const { key } = each;
      // What has the key of one that goes back goes with it: it would come before it.
      const other = version(each) !== version(messages[0]!) || (key !== undefined && keys.has(key));
      if (other && key !== undefined) keys.add(key);
      return other;
    });
    if (others.length === 0) return leased;
    await this.#options.queue.settle(
      this.#options.name,
      lease,
      others.map(({ id }): Settlement => ({ id, to: 'release' })),
    );
    return { ...leased, messages: messages.filter((each) => !others.includes(each)) };
  }

  #wait(next: number): void {
    this.#forgetNext();
    this.#next = next;
    const delay = next - this.#options.now();
    if (delay <= HORIZON) {
      this.#noLonger = this.#options.timers.after(Math.max(0, delay), () => {
        this.#forgetNext();
        this.#begin();
      });
    }
  }

  #forgetNext(): void {
    this.#noLonger?.();
    this.#noLonger = undefined;
    this.#next = null;
  }

  /** What the filter leaves out is in no batch, and is acked with it. What a retry has bound to a version was let in by it. */
  async #handleWanted(consumer: QueueConsumer, lease: Lease): Promise<Settlement[]> {
    if (consumer.filter === undefined) return this.#handle(consumer, lease);
    const matches = this.#filter.of(consumer.filter);
    const wanted: LeasedMessage[] = [];
    const left: Settlement[] = [];
    for (const message of lease.messages) {
      if (boundTo(consumer.function, message.pin) !== null || matches(message)) wanted.push(message);
      else left.push({ id: message.id, to: 'ack', filtered: true });
    }
    return wanted.length === 0 ? left : [...left, ...(await this.#handle(consumer, { ...lease, messages: wanted }))];
  }

  async #handle(consumer: QueueConsumer, { lease, messages, backlog }: Lease): Promise<Settlement[]> {
    const { queue, name, quota, call, emit, now, timers } = this.#options;
    const noRenewal = timers.every(RENEW, () => void queue.renew(name, lease, LEASE).catch(() => {}));
    try {
      const bound = boundTo(consumer.function, messages[0]!.pin);
      return await deliver({
        consumer,
        messages,
        backlog,
        queue,
        quota,
        now,
        emit,
        call: (batch) => call(consumer.function, bound, batch),
      });
    } finally {
      noRenewal();
    }
  }

  /** A lane has ended. What came while it did has not begun one. */
  #goOnOrEnd(): void {
    if (this.#ended === undefined) return;
    if (!this.#stopped && this.#sent >= this.#missing) this.#begin();
    if (this.#lanes > 0 || (this.#noLonger !== undefined && !this.#stopped)) return;
    const { resolve, reject } = this.#ended;
    const next = this.#next;
    this.#forgetNext();
    this.#ended = undefined;
    if (this.#failure === undefined) resolve(next);
    else reject(this.#failure.error);
  }
}
