import type { ShadowMark } from '../../registry/shadow-record.ts';
import { scratchName } from '../../scopes.ts';
import type { Queue } from '../../stores/queue.ts';
import type { Store } from '../../stores/store.ts';
import type { BindingsState } from '../binding.ts';
import { Leases } from '../locks/leases.ts';
import { storeWithin } from './within.ts';

/** The keys of what one side of a shadow keeps. */
export function scratchStore(store: Store, mark: Pick<ShadowMark, 'function' | 'id' | 'side'>): Store {
  return storeWithin(store, `shadow:${scratchName(mark)}:`);
}

/** What bindings of a shadow write to: a part of the store that is nobody else's, no queue, no mail, and nothing is ever due. */
export function scratchState(mark: ShadowMark, { changes: _changes, bucketEvents: _events, ...given }: BindingsState): BindingsState {
  const { store: all, now } = given;
  const store = scratchStore(all, mark);
  return {
    ...given,
    store,
    leases: new Leases({ store, now, alone: false }),
    mail: async () => {},
    queues: { queue: DROPPING, pumps: new Map(), emit: () => {}, stopping: null },
    wake: async () => {},
    soon: () => {},
  };
}

const NONE = { messages: 0, bytes: 0, oldest: null };

/** What is sent here is gone. */
const DROPPING: Queue = {
  send: async () => NONE,
  lease: async () => ({ lease: '', messages: [], backlog: NONE, ready: 0, next: null }),
  renew: async () => false,
  settle: async () => {},
  counts: async () => ({ ...NONE, delayed: 0, leased: 0, filtered: 0 }),
  peek: async () => [],
  purge: async () => 0,
};
