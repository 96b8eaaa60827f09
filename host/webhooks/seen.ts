import { BrinkError } from '../errors.ts';
import type { Store } from '../stores/store.ts';

export interface SeenOptions {
  /** Where what has come is known, each under a key of its own. */
  readonly keys: readonly string[];
  /** Ms that it is known. */
  readonly ttl: number;
}

const PREFIX = 'webhooks/';
/** Ms that a key is held while its message is stored: a host that was lost in between holds it no longer. */
const HELD = 30_000;
const STORED = Uint8Array.of(1);

export function isWebhookKey(key: string): boolean {
  return key.startsWith(PREFIX);
}

/** What has come, so that it does not come twice. */
export class Seen {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * Has `work` done with those keys that have not come yet, and knows them once it is done; says how many there were. Where
   * it fails none of them has come.
   *
   * @throws {BrinkError} `webhook-running` where one of them is just coming
   */
  async once({ keys, ttl }: SeenOptions, work: (fresh: readonly string[]) => Promise<void>): Promise<number> {
    const held = new Map<string, number>();
    let running = false;
    const distinct = [...new Set(keys)];
    await Promise.all(
      distinct.map(async (key) => {
        const revision = await this.#store.put(PREFIX + key, new Uint8Array(), { ifRevision: 0, ttl: HELD });
        if (revision !== null) held.set(key, revision);
        else if ((await this.#store.get(PREFIX + key))?.value.byteLength !== STORED.byteLength) running = true;
      }),
    );
    if (held.size === 0 && !running) return 0;
    try {
      if (running) throw isRunning();
      await work(distinct.filter((key) => held.has(key)));
    } catch (error) {
      await Promise.allSettled(Array.from(held, ([key, revision]) => this.#store.delete(PREFIX + key, { ifRevision: revision })));
      throw error;
    }
    await Promise.all(Array.from(held, ([key, revision]) => this.#store.put(PREFIX + key, STORED, { ifRevision: revision, ttl })));
    return held.size;
  }
}

function isRunning(): BrinkError {
  return new BrinkError('webhook-running', 'The same delivery is just being stored. Send it again in a moment.', {
    details: { retryAfter: 1 },
  });
}
