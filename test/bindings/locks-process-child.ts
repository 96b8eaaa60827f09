import { Leases } from '../../host/bindings/locks/leases.ts';
import type { Store } from '../../host/stores/store.ts';
import { namespaceOn } from './kv.ts';
import { openOn } from '../nats/state.ts';
import { locksOn } from './locks.ts';

/** To the parent, which has the store, and tells times on the clock of the machine. */
export type FromChild =
  | { readonly call: number; readonly method: keyof Store; readonly args: readonly unknown[] }
  | { readonly tell: 'asks' | 'releases' | 'released' | 'failed'; readonly id: string; readonly at: number }
  | { readonly tell: 'has'; readonly id: string; readonly at: number; readonly fence: number }
  | { readonly tell: 'wrote'; readonly id: string; readonly fence: number; readonly value: number }
  | { readonly tell: 'refused'; readonly id: string; readonly code: string };

export interface FromParent {
  readonly call: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** How long a lease lasts, and one turn with the lock, in ms. */
export const TTL = 1_000;
const TURN = 15;

/** A host in a process of its own, on a store that is elsewhere: in the parent, or in NATS. */
async function main([name, url, prefix]: readonly string[]): Promise<never> {
  const store = url === undefined ? remoteStore() : (await openOn(url, { prefix: prefix! })).bindings;
  const locks = locksOn({ store, leases: new Leases({ store, now: Date.now, alone: false }) });
  const kv = namespaceOn(store, Date.now);
  for (let round = 0; ; round++) {
    const id = `${name}/${round}`;
    tell({ tell: 'asks', id, at: now() });
    const lock = await locks.acquire('a', { ttl: TTL }).catch(() => null);
    if (lock === null) {
      // The store was not to be reached: whether it was granted, nobody knows.
      tell({ tell: 'failed', id, at: now() });
      continue;
    }
    const { fence } = lock;
    tell({ tell: 'has', id, at: now(), fence });
    try {
      const { value, revision } = await kv.getWithRevision('count');
      await new Promise((resolve) => setTimeout(resolve, Math.random() * TURN));
      const next = Number(value ?? 0) + 1;
      await kv.put('count', String(next), { fence, ifRevision: revision });
      tell({ tell: 'wrote', id, fence, value: next });
    } catch (error) {
      tell({ tell: 'refused', id, code: String((error as { code?: unknown }).code) });
    }
    tell({ tell: 'releases', id, at: now() });
    const released = await lock.release().then(
      () => true,
      () => false,
    );
    tell({ tell: released ? 'released' : 'failed', id, at: now() });
  }
}

function remoteStore(): Store {
  const waiting = new Map<number, { resolve(result: never): void; reject(error: Error): void }>();
  let calls = 0;
  process.on('message', ({ call, result, error }: FromParent) => {
    const { resolve, reject } = waiting.get(call)!;
    waiting.delete(call);
    if (error === undefined) resolve(result as never);
    else reject(new Error(error));
  });
  const ask =
    (method: keyof Store) =>
    (...args: unknown[]) =>
      new Promise<never>((resolve, reject) => {
        waiting.set(++calls, { resolve, reject });
        tell({ call: calls, method, args });
      });
  return { get: ask('get'), put: ask('put'), delete: ask('delete'), list: ask('list') };
}

function tell(message: FromChild): void {
  process.send!(message);
}

/** Microseconds of the clock that all processes share. */
function now(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

if (process.send !== undefined) await main(process.argv.slice(2));
