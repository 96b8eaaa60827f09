import type { BindingScope, WireAnswer, WireCall } from './binding.ts';
import { callBy } from './clients.ts';

/** Asks what is kept in a scope of a kind, as the host itself. @throws what the method threw */
export type Manage = (binding: BindingScope, method: string, args: readonly unknown[]) => Promise<unknown>;

export function manageBy(transport: (binding: BindingScope, call: WireCall) => Promise<WireAnswer>): Manage {
  return async (binding, method, args) => (await callBy((call) => transport(binding, call))(method, args)).value;
}
