import type { Outbox, Posted } from '../stores/outbox.ts';
import type { Queue } from '../stores/queue.ts';
import { QuotaExceeded, type QueueQuota } from '../stores/quota.ts';
import type { Timers } from './timers.ts';

export interface RelayOptions {
  readonly outbox: Outbox;
  readonly queue: Pick<Queue, 'send'>;
  /** What a queue may have. */
  readonly quota?: QueueQuota | undefined;
  readonly timers: Timers;
}

/** Messages that one step moves. */
const AT_ONCE = 100;
/** Ms until it is tried again where a queue has no room, or the store fails. */
const AGAIN = 5_000;

/**
 * Moves what writes have left to its queues: sent first, then removed. What a crash cuts off between the two is sent again, so a
 * message comes at least once.
 */
export class Relay {
  readonly #options: RelayOptions;
  #running: Promise<boolean> | null = null;
  #wanted = false;
  #stopped = false;
  #noLonger: (() => void) | undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** There is something, or may be. Resolves, and never rejects, when it has been moved, or is left for later: false. */
  run(): Promise<boolean> {
    this.#wanted = true;
    return (this.#running ??= this.#moveAll());
  }

  /** Waits for the step that is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#noLonger?.();
    await this.#running;
  }

  async #moveAll(): Promise<boolean> {
    this.#noLonger?.();
    this.#noLonger = undefined;
    let all = true;
    while (this.#wanted && !this.#stopped) {
      this.#wanted = false;
      all = await this.#move().catch(() => false);
    }
    if (!all && !this.#stopped) this.#noLonger = this.#options.timers.after(AGAIN, () => void this.run());
    this.#running = null;
    return all;
  }

  /** False where something is left. */
  async #move(): Promise<boolean> {
    const { outbox } = this.#options;
    let all = true;
    for (const queue of await outbox.queues()) {
      for (;;) {
        const posted = this.#stopped ? [] : await outbox.first(queue, AT_ONCE);
        if (posted.length === 0) break;
        const sent = await this.#sendSome(queue, posted);
        if (sent.length === 0) {
          all = false;
          break;
        }
        await outbox.remove(sent, queue);
      }
    }
    return all;
  }

  /** There may be room for one where there is none for all. */
  async #sendSome(queue: string, posted: readonly Posted[]): Promise<readonly Posted[]> {
    for (const some of posted.length === 1 ? [posted] : [posted, posted.slice(0, 1)]) if (await this.#send(queue, some)) return some;
    return [];
  }

  async #send(queue: string, posted: readonly Posted[]): Promise<boolean> {
    const { quota } = this.#options;
    try {
      await this.#options.queue.send(
        queue,
        // Sent again after a crash it is another message: no two of a queue have the same id.
        posted.map(({ message }) => ({ ...message, id: newMessageId() })),
        quota && { quota },
      );
      return true;
    } catch (error) {
      if (error instanceof QuotaExceeded) return false;
      throw error;
    }
  }
}

/** No two messages of one queue have the same. */
export function newMessageId(): string {
  return crypto.randomUUID().replaceAll('-', '');
}
