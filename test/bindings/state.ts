import type { BindingState } from '../../host/bindings/binding.ts';
import { Leases } from '../../host/bindings/locks/leases.ts';
import type { Store } from '../../host/stores/store.ts';

/** What a host of one process gives its bindings. */
export function bindingState(store: Store, now: () => number = Date.now): BindingState {
  return { store, now, leases: new Leases({ store, now, alone: true }) };
}
