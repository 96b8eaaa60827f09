import type { Delivered } from '../../host/bindings/queues/deliver.ts';
import { Pump } from '../../host/bindings/queues/pump.ts';
import { createWakingQueue } from '../../host/bindings/queues/state.ts';
import type { QueueConsumer } from '../../host/dispatch/consumers.ts';
import type { QueueBatch } from '../../host/dispatch/cell.ts';
import type { QueueEvent } from '../../host/observe/events.ts';
import type { Queue } from '../../host/stores/queue.ts';
import type { QueueQuota } from '../../host/stores/quota.ts';
import { manualClock } from '../stores/clock.ts';

export const QUEUE = 'jobs';
const START = 1_700_000_000_000;

/** How a handler's call goes: for so many ms, and what it said. */
export interface Handled {
  readonly takes?: number;
  readonly said?: readonly number[];
  readonly outcome?: string;
  readonly version?: number;
}

/** A call of the handler. Times are ms since the world began. */
export interface Call {
  readonly at: number;
  readonly texts: readonly string[];
  readonly attempts: readonly number[];
  readonly bound: number | null;
}

export interface PumpWorldOptions {
  readonly open: (now: () => number) => Queue;
  readonly consumer?: Partial<QueueConsumer>;
  readonly quota?: QueueQuota;
  readonly handler?: (call: Call) => Handled | Promise<Handled>;
}

let ids = 0;

/** A queue and its pump, whose clock stands still until it is told to move: a timer is called when it gets there. */
export class PumpWorld {
  readonly calls: Call[] = [];
  readonly events: QueueEvent[] = [];
  /** What `run` was rejected with. */
  readonly failures: unknown[] = [];
  readonly stopping = new AbortController();
  readonly queue: Queue;
  /** null: nobody takes the messages. */
  consumer: QueueConsumer | null;
  /** Calls of the handler that go on. */
  running = 0;
  readonly #clock = manualClock(START);
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  readonly #handler: (call: Call) => Handled | Promise<Handled>;
  readonly #pump: Pump;

  constructor({ open, consumer, quota, handler = () => ({}) }: PumpWorldOptions) {
    this.#handler = handler;
    this.consumer = {
      function: 'worker',
      queue: QUEUE,
      max_batch_size: 10,
      max_batch_timeout: 0,
      max_retries: 3,
      max_concurrency: null,
      retry_delay: 0,
      ...consumer,
    };
    const pumps = new Map<string, Pump>();
    this.queue = createWakingQueue(open(this.#clock.now), pumps, async (name) => {
      if (name === QUEUE) this.run();
    });
    this.#pump = new Pump({
      name: QUEUE,
      queue: this.queue,
      quota,
      now: this.#clock.now,
      consumer: async () => this.consumer,
      call: (_consumer, bound, batch) => this.#call(bound, batch),
      emit: (event) => this.events.push(event),
      timers: { after: (ms, callback) => this.#after(ms, callback), every: (ms, callback) => this.#every(ms, callback) },
      stopping: this.stopping.signal,
    });
    pumps.set(QUEUE, this.#pump);
  }

  /** Ms since the world began. */
  get time(): number {
    return this.#clock.now() - START;
  }

  #every(ms: number, callback: () => void): () => void {
    const again = () => {
      cancel = this.#after(ms, again);
      callback();
    };
    let cancel = this.#after(ms, again);
    return () => cancel();
  }

  /** As a host does: again when it says so. */
  run(): void {
    this.#pump.run().then(
      (next) => {
        if (next !== null) this.#after(next - this.#clock.now(), () => this.run());
      },
      (error: unknown) => this.failures.push(error),
    );
  }

  async send(...texts: readonly (string | readonly [text: string, delay: number])[]): Promise<void> {
    await this.queue.send(
      QUEUE,
      texts.map((each) => {
        const [text, delay] = typeof each === 'string' ? [each, 0] : each;
        return { id: `pumped-${++ids}`, body: new TextEncoder().encode(text), type: 'text', sent: this.#clock.now(), delay };
      }),
    );
    await settled();
  }

  async elapse(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      await settled();
      const next = [...this.#timers].toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) break;
      this.#timers.delete(next);
      this.#clock.advance(Math.max(0, next.at - this.time));
      next.callback();
    }
    this.#clock.advance(end - this.time);
    await settled();
  }

  async #call(bound: number | null, { messages }: QueueBatch): Promise<Delivered> {
    const texts = messages.map(({ body }) => new TextDecoder().decode(body));
    const call = { at: this.time, texts, attempts: messages.map(({ attempts }) => attempts), bound };
    this.calls.push(call);
    this.running++;
    try {
      const { takes = 0, said = [], outcome = 'ok', version = 1 } = await this.#handler(call);
      if (takes > 0) await new Promise<void>((resolve) => this.#after(takes, resolve));
      return { said, outcome, version };
    } finally {
      this.running--;
    }
  }

  #after(ms: number, callback: () => void): () => void {
    const timer = { at: this.time + Math.max(0, ms), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }
}

/** Until nothing goes on but by the clock. */
async function settled(): Promise<void> {
  for (let round = 0; round < 3; round++) await new Promise((resolve) => setImmediate(resolve));
}
