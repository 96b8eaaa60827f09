import type { ManifestConsumer } from '../registry/manifest.ts';
import type { QueueEntry } from '../registry/queues.ts';
import type { Registry } from '../registry/registry.ts';
import type { Functions } from './functions.ts';

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
  readonly #options: ConsumersOptions;
  #known: { readonly table: ReadonlyMap<string, QueueEntry>; readonly readAt: number } | undefined;
  #changes = 0;

  constructor(options: ConsumersOptions) {
    this.#options = options;
  }

  /** null where a queue has none, or is paused. */
  async of(queue: string): Promise<QueueConsumer | null> {
    const entry = (await this.#table()).get(queue);
    if (entry === undefined || entry.function === null || entry.paused) return null;
    const version = await this.#options.functions.consumer(entry.function, queue);
    const consumer = version?.manifest.queues?.consumers.find((each) => each.queue === queue);
    return consumer === undefined ? null : { ...consumer, function: entry.function };
  }

  forget(): void {
    this.#changes++;
    this.#known = undefined;
  }

  async #table(): Promise<ReadonlyMap<string, QueueEntry>> {
    const { registry, now, maxAge } = this.#options;
    const readAt = now();
    if (this.#known !== undefined && readAt - this.#known.readAt <= maxAge) return this.#known.table;
    const changes = this.#changes;
    const table = new Map((await registry.queues()).map((entry) => [entry.queue, entry]));
    // What changed while it was read may not be in it.
    if (changes === this.#changes) this.#known = { table, readAt };
    return table;
  }
}
