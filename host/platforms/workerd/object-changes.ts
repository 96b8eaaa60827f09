import type { BindingScope } from '../../bindings/binding.ts';
import { AGAIN, type ChangesState } from '../../bindings/changes.ts';
import { watchedDatabases, type WatchedDatabases } from '../../bindings/d1/watched.ts';
import { Relay } from '../../bindings/relay.ts';
import { WAKE_PREFIX } from '../../bindings/wake-key.ts';
import type { ChangeRule } from '../../registry/change-rules.ts';
import type { TellingStore } from '../../stores/changes.ts';
import type { Queue } from '../../stores/queue.ts';
import type { QueueQuota } from '../../stores/quota.ts';
import type { Store } from '../../stores/store.ts';
import { databaseIn } from './database.ts';

export interface ObjectChangesOptions {
  readonly storage: DurableObjectState['storage'];
  readonly store: TellingStore;
  /** Of other objects. */
  readonly queue: Pick<Queue, 'send'>;
  readonly quota: QueueQuota;
  readonly maxSize: number;
  /** The rules of the call that is being answered. */
  rules(): readonly ChangeRule[];
  /** Sets the object's alarm. */
  wake(binding: BindingScope, time: number): Promise<void>;
  keep(work: Promise<unknown>): void;
}

/** What is left is seen to by the alarm. */
const NO_TIMERS = { after: () => () => {}, every: () => () => {} };

/** What an object has to tell of the namespace or the database that it keeps. */
export function objectChanges(
  own: BindingScope,
  { storage, store, queue, quota, maxSize, rules, wake, keep }: ObjectChangesOptions,
): { readonly changes: ChangesState; readonly databases: WatchedDatabases } {
  const { outbox } = store;
  const relay = new Relay({ outbox, queue, quota, timers: NO_TIMERS });
  const expected = () => wake(own, Date.now() + AGAIN);
  const database = databaseIn(storage, maxSize);
  return {
    changes: {
      rules,
      store,
      expire: (prefix, note) => outbox.expire(prefix, note),
      expected,
      posted: () => keep(relay.run()),
      flush: () => relay.run(),
    },
    databases: watchedDatabases({ databases: { open: () => database }, rules, queue, quota, timers: NO_TIMERS, expected, keep }),
  };
}

/** Where an object keeps whose it is, for its alarm: in a database of a function there are no tables of the host's for that. */
export function wakesIn(storage: DurableObjectState['storage'], store: Pick<Store, 'put' | 'list'>): Pick<Store, 'put' | 'list'> {
  return {
    async put(key, value) {
      if (!key.startsWith(`${WAKE_PREFIX}d1/`)) return store.put(key, value);
      await storage.put(WAKE_PREFIX, key);
      return 1;
    },
    async list(options) {
      const key = await storage.get(WAKE_PREFIX);
      return typeof key === 'string' ? { keys: [key] } : store.list(options);
    },
  };
}
