import { answer, openBinding } from '../../host/bindings/kinds.ts';
import { createClients } from '../../host/bindings/clients.ts';
import type { Leases } from '../../host/bindings/locks/leases.ts';
import type { Store } from '../../host/stores/store.ts';
import type { LockManager } from '../../sdk/locks.ts';
import { publish, type OpenHost } from '../conformance/harness.ts';
import { functionSource } from './kv.ts';
import { play, type Played, type scenes } from './locks-function.ts';
import { bindingState } from './state.ts';

/** Plays a scene of `locks-function.ts`. */
export type Play = (scene: keyof typeof scenes) => Promise<Played>;

export interface LocksOn {
  readonly store: Store;
  readonly now?: () => number;
  /** Of a host; by default one of its own, for the only host. */
  readonly leases?: Leases;
}

/** The binding in this process: both of its sides, with JSON in between. */
export function locksOn({ store, now = Date.now, leases }: LocksOn): LockManager {
  const methods = openBinding({ kind: 'locks', scope: 'id/test' }, { ...bindingState(store, now), ...(leases && { leases }) });
  const { LOCKS } = createClients([{ name: 'LOCKS', kind: 'locks' }], { transportOf: () => (call) => answer(methods, call) });
  return LOCKS as LockManager;
}

export function playOn(locks: LockManager): Play {
  return (scene) => play(locks, scene);
}

/** In a function of a host that this opens. */
export async function playIn(open: OpenHost): Promise<{ play: Play; close(): Promise<void> }> {
  const host = await open();
  const source = await functionSource('locks-function.ts');
  const { url } = await publish(host, source, { alias: 'live', manifest: { locks: [{ binding: 'LOCKS' }] } });
  return {
    async play(scene) {
      const response = await fetch(url, { method: 'POST', body: scene });
      if (response.status !== 200) throw new Error(await response.text());
      return (await response.json()) as Played;
    },
    close: () => host.stop(),
  };
}
