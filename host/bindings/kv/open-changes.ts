import type { TellingStore } from '../../stores/changes.ts';
import { createIntendingStore } from '../../stores/intents.ts';
import type { Queue } from '../../stores/queue.ts';
import type { QueueQuota } from '../../stores/quota.ts';
import type { Store } from '../../stores/store.ts';
import type { ChangesState } from '../changes.ts';
import { Relay } from '../relay.ts';
import type { Timers } from '../timers.ts';

export interface KeyChangesOfHost extends Pick<ChangesState, 'store' | 'expire' | 'flush'> {
  stop(): Promise<void>;
}

export interface OpenKeyChangesOptions {
  readonly store: Store;
  /** The same store, where it has an outbox. */
  readonly telling: TellingStore | null;
  readonly queue: Pick<Queue, 'send'>;
  readonly quota?: QueueQuota | undefined;
  readonly timers: Timers;
  readonly now: () => number;
}

/** How a host's store tells of keys that change: by an outbox, or else by intents. */
export function openKeyChanges({ store, telling, queue, quota, timers, now }: OpenKeyChangesOptions): KeyChangesOfHost {
  if (telling !== null) {
    const relay = new Relay({ outbox: telling.outbox, queue, quota, timers });
    return {
      store: telling,
      expire: (prefix, note) => telling.outbox.expire(prefix, note),
      flush: () => relay.run(),
      stop: () => relay.stop(),
    };
  }
  const intending = createIntendingStore({ store, send: (name, messages) => queue.send(name, messages, quota && { quota }), now });
  let running: Promise<boolean> | null = null;
  return {
    store: intending,
    expire: null,
    flush: () =>
      (running ??= intending
        .recover()
        .catch(() => false)
        .finally(() => (running = null))),
    stop: async () => void (await running),
  };
}
