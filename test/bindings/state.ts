import type { BindingsState } from '../../host/bindings/binding.ts';
import type { Store } from '../../host/stores/store.ts';

/** The state of bindings that have no work of their own and call no function. */
export function quietState(store: Store, now: () => number = Date.now): BindingsState {
  const none = () => Promise.reject(new Error('nothing here calls functions or asks for a time'));
  return { store, now, functions: { scheduled: none, schedules: none }, wake: none, keep: () => {} };
}
