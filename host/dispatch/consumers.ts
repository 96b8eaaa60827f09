import type { ManifestConsumer } from '../registry/manifest.ts';
import type { QueueEntry } from '../registry/queues.ts';
import type { Registry } from '../registry/registry.ts';
import type { Functions } from './functions.ts';
import { KeptTable } from './kept-table.ts';

/** Who takes the messages of a queue, and how: `queues.consumers` of its live version. */
export interface QueueConsumer extends ManifestConsumer {
  readonly function: string;
}

export interface ConsumersOptions {
  readonly registry: Registry;
  readonly functions: Functions;
  readonly now: () => number;
  /** `Platform.registryMaxAge` */
  readonly maxAge: number;
}

/** The consumers that are in force. */
export class Consumers {
  readonly #functions: Functions;
  readonly #table: KeptTable<ReadonlyMap<string, QueueEntry>>;

  constructor({ registry, functions, now, maxAge }: ConsumersOptions) {
    this.#functions = functions;
    const read = async () => new Map((await registry.live.queues()).map((entry) => [entry.queue, entry]));
    this.#table = new KeptTable({ read, now, maxAge });
  }

  /** null where a queue has none, or is paused. */
  async of(queue: string): Promise<QueueConsumer | null> {
    const entry = (await this.#table.get()).get(queue);
    if (entry === undefined || entry.function === null || entry.paused) return null;
    const version = await this.#functions.consumer(entry.function, queue);
    const consumer = version?.manifest.queues?.consumers.find((each) => each.queue === queue);
    return consumer === undefined ? null : { ...consumer, function: entry.function };
  }

  forget(): void {
    this.#table.forget();
  }
}
