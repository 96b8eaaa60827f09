import type { Methods, Outcome, Transport } from '../../host/bindings/binding.ts';
import { answer } from '../../host/bindings/kinds.ts';
import { ENDED, runningInvocation, type Invocation } from './invocation.ts';

export interface Way {
  readonly methods: () => Methods;
  /** Whose calls those are that no invocation makes. */
  readonly outside: Invocation;
  readonly admit: () => void;
  /** Whether an answer can be that there will be one later, when others have made room. */
  readonly waits: boolean;
}

/** Carries calls within the process as a host does over the border of a cell: as JSON and bytes, for as long as their invocation lasts. */
export function transportTo({ methods, outside, admit, waits }: Way): Transport {
  let opened: Methods | undefined;
  return async ({ method, args, body }) => {
    const invocation = runningInvocation() ?? outside;
    if (invocation.over) return { text: JSON.stringify({ error: { name: 'Error', message: ENDED } }), body: null };
    const sent = body instanceof ReadableStream ? invocation.watch(body) : body;
    const { text, body: given } = await answer(() => (opened ??= methods()), { method, args, body: sent }, admit);
    if (sent instanceof ReadableStream && !sent.locked) sent.cancel().catch(() => {});
    // What the store gave is the store's.
    if (!(given instanceof ReadableStream)) return { text, body: given && given.slice() };
    return { text, body: invocation.watch(given, { moved: waits && isToCome(text) ? invocation.wait() : undefined }) };
  };
}

/** Whether the answer is that its turn in a lock has not come. */
function isToCome(text: string): boolean {
  const outcome = JSON.parse(text) as Outcome;
  return 'value' in outcome && outcome.value !== null && typeof outcome.value === 'object' && 'waiting' in outcome.value;
}
