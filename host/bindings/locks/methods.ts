import type { Methods } from '../binding.ts';
import type { Leases } from './leases.ts';
import { checkedName, checkedWish } from './limits.ts';

export interface LocksOptions {
  readonly leases: Leases;
  /** Of all keys of the lock space; no other space's begin with it. */
  readonly prefix: string;
  readonly now: () => number;
}

/**
 * Locks by name, as their client calls them.
 *
 * | method | arguments | value, body |
 * |---|---|---|
 * | acquire | name, `{ mode, ifAvailable, steal, ttl, client }` | null, or `{ id, fence }` or `{ id, waiting }` and the stream of the lease |
 * | release | name, id | |
 * | query | | `{ held, pending }` |
 */
export function createLockMethods({ leases, prefix, now }: LocksOptions): Methods {
  return {
    async acquire([name, how]) {
      const key = prefix + checkedName(name);
      const { mode, ttl, client, ifAvailable, steal } = checkedWish(how);
      const claim = { id: crypto.randomUUID(), mode, client, ttl, expires: now() + ttl };
      const lease = await leases.ask(key, { claim, ifAvailable, steal });
      if (lease === null) return { value: null };
      return {
        value: { id: claim.id, ...lease.answer() },
        body: lease.stream,
        ended: () => void leases.leave(key, claim.id).catch(() => {}),
      };
    },
    async release([name, id]) {
      await leases.leave(prefix + checkedName(name), String(id));
      return { value: null };
    },
    async query() {
      const held: object[] = [];
      const pending: object[] = [];
      for (const { key, record } of await leases.query(prefix)) {
        const name = key.slice(prefix.length);
        held.push(...record.held.map(({ mode, client, fence }) => ({ name, mode, clientId: client, fence })));
        pending.push(...record.waiting.map(({ mode, client }) => ({ name, mode, clientId: client })));
      }
      return { value: { held, pending } };
    },
  };
}
