import type { BindingsState, Methods } from '../../host/bindings/binding.ts';
import { answer, openBinding } from '../../host/bindings/kinds.ts';
import { createClients } from '../../host/bindings/clients.ts';
import { askOf } from '../../host/bindings/scratch/ask.ts';
import { openScratch } from '../../host/bindings/scratch/open.ts';
import { createMemoryFiles } from '../../host/platforms/node/memory-files.ts';
import { openSql } from '../../host/platforms/node/sql.ts';
import type { ShadowMark } from '../../host/registry/shadow-record.ts';
import { createMemoryStore } from '../../host/stores/memory.ts';
import { createSqlObjects } from '../../host/stores/sql-objects.ts';
import { bindingState } from '../bindings/state.ts';

export const MARK: ShadowMark = { function: 'shop', id: 1, side: 'shadow', outbound: 'none' };

/** What a host has, in memory. */
export function stateOn(now: () => number = Date.now): BindingsState {
  const store = createMemoryStore(now);
  const objects = createSqlObjects({ sql: openSql(':memory:'), files: createMemoryFiles(), now });
  return { ...bindingState(store, now), objects };
}

/** A binding as a version has it that answers, and as a shadow has it. */
export function bothOf(kind: string, scope: string, state: BindingsState): { readonly real: Methods; readonly scratch: Methods } {
  const real = openBinding({ kind, scope }, state);
  const scratch = openScratch({ kind, scope }, { mark: MARK, state, real: (binding) => askOf(openBinding(binding, state)) });
  return { real, scratch };
}

/** What a function finds. */
export function clientOf<Client>(kind: string, methods: Methods, now: () => number = Date.now): Client {
  const { IT } = createClients([{ name: 'IT', kind }], { transportOf: () => (call) => answer(methods, call), now });
  return IT as Client;
}
