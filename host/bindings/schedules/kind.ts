import type { Store } from '../../stores/store.ts';
import type { BindingKind, BindingScope, BindingState } from '../binding.ts';
import { createManagement } from './management.ts';
import { createScheduleMethods } from './methods.ts';
import { ScheduleScope } from './scope.ts';
import { Slots } from './slots.ts';

/** Runs that go on at once in a host, of all its functions; further ones wait. */
const MAX_RUNNING = 64;
const PREFIX = 'function/';

/** By the store of a host, which is one object for as long as it runs. */
const hosts = new WeakMap<Store, { readonly slots: Slots; readonly scopes: Map<string, ScheduleScope> }>();

/** `schedules`: those of a function, whatever the binding's name, and those that its versions declare. */
export const schedules: BindingKind = {
  type: 'Schedules',
  specs: ({ name, schedules: items = [] }) =>
    items.flatMap((each) => ('binding' in each ? [{ name: each.binding, scope: PREFIX + name }] : [])),
  open: (scope, state) => createScheduleMethods(scopeOf(scope, state), state.now),
  due: (scope, state) => scopeOf(scope, state).due(),
  manage: (scope, state) => createManagement(scopeOf(scope, state)),
};

/** The function whose schedules these are; null for what is something else. */
export function functionOfSchedules({ kind, scope }: BindingScope): string | null {
  return kind === 'schedules' ? scope.slice(PREFIX.length) : null;
}

function scopeOf(scope: string, state: BindingState): ScheduleScope {
  let host = hosts.get(state.store);
  if (host === undefined) hosts.set(state.store, (host = { slots: new Slots(MAX_RUNNING), scopes: new Map() }));
  let found = host.scopes.get(scope);
  if (found === undefined) host.scopes.set(scope, (found = new ScheduleScope(scope.slice(PREFIX.length), state, host.slots)));
  return found;
}
