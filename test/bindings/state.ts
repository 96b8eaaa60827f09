import type { BindingsState } from '../../host/bindings/binding.ts';
import type { QueuesState } from '../../host/bindings/queues/state.ts';
import { createMemoryQueue } from '../../host/stores/queue-memory.ts';
import type { Store } from '../../host/stores/store.ts';

function quietQueues(now: () => number): QueuesState {
  return { queue: createMemoryQueue(now), pumps: new Map(), emit: () => {}, stopping: null };
}

/** The state of bindings that have no work of their own and call no function. */
export function quietState(store: Store, now: () => number = Date.now): BindingsState {
  const none = () => Promise.reject(new Error('nothing here calls functions or asks for a time'));
  return { store, now, functions: { scheduled: none, consumer: none, queue: none }, queues: quietQueues(now), wake: none };
}
