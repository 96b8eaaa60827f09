import type { BindingState } from '../../host/bindings/binding.ts';
import { RateCounters } from '../../host/bindings/ratelimit/counters.ts';
import type { Store } from '../../host/stores/store.ts';
import { memoryDatabases } from './databases.ts';

/** What a host has for its bindings, in this process. */
export function quietState(store: Store, now: () => number = Date.now): BindingState {
  return { store, now, databases: memoryDatabases(), rates: new RateCounters(now) };
}
