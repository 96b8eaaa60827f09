import type { BindingsState } from '../../host/bindings/binding.ts';
import { Leases } from '../../host/bindings/locks/leases.ts';
import { RateCounters } from '../../host/bindings/ratelimit/counters.ts';
import { createMemoryQueue } from '../../host/stores/queue-memory.ts';
import type { Store } from '../../host/stores/store.ts';
import { memoryDatabases } from '../../host/platforms/node/d1/memory.ts';

/** What a host of one process gives its bindings, where they have no work of their own and call no function. */
export function bindingState(store: Store, now: () => number = Date.now): BindingsState {
  const none = () => Promise.reject(new Error('nothing here calls functions or asks for a time'));
  return {
    store,
    now,
    leases: new Leases({ store, now, alone: true }),
    databases: memoryDatabases(),
    rates: new RateCounters(now),
    queues: { queue: createMemoryQueue(now), pumps: new Map(), emit: () => {}, stopping: null },
    functions: { scheduled: none, schedules: none, consumer: none, queue: none, releases: none },
    wake: none,
    soon: () => {},
    keep: () => {},
  };
}
