import { BindingError } from '../../bindings/binding-error.ts';
import type { BindingsState } from '../../bindings/binding.ts';
import { Leases } from '../../bindings/locks/leases.ts';
import { RateCounters } from '../../bindings/ratelimit/counters.ts';

/** What kinds have whose place is the host Worker. What only a Durable Object can keep, none of them asks for. */
export function besideTheCell(
  own: Pick<BindingsState, 'store' | 'functions' | 'quotas' | 'objects' | 'bucketEvents' | 'mail'> & Partial<BindingsState>,
): BindingsState {
  return {
    now: Date.now,
    leases: new Leases({ store: own.store, now: Date.now, alone: false }),
    rates: new RateCounters(Date.now),
    databases: { open: notHere },
    wake: async () => notHere(),
    soon: notHere,
    keep: notHere,
    ...own,
  };
}

function notHere(): never {
  throw new BindingError('That is kept in a Durable Object.');
}
