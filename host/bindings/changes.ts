import type { ChangeRule } from '../registry/change-rules.ts';
import type { EntryOutbox } from '../stores/changes.ts';
import type { Store } from '../stores/store.ts';
import type { BindingScope } from './binding.ts';

/** What a host has to tell queues of changes of keys and rows. */
export interface ChangesState {
  /** Who is told of those in a scope: at once where it is known, as each write asks. */
  rules(binding: BindingScope): readonly ChangeRule[] | Promise<readonly ChangeRule[]>;
  /** What keys are written through: what a write has to tell, it leaves with it. */
  readonly store: Store;
  /** See `EntryOutbox`; null where the store forgets by itself what has expired. */
  readonly expire: EntryOutbox['expire'] | null;
  /** Before a write that leaves something there: from then on a crash does not keep it there for ever. */
  expected(): Promise<void> | undefined;
  /** There is something in the outbox. */
  posted(): void;
  /** Moves what is there to its queues. False where something is left, as a queue has no room. */
  flush(): Promise<boolean>;
}

/** What is left is tried again after so many ms. */
export const AGAIN = 5_000;

const utf8 = new TextEncoder();

/** A message that tells of a change. Those with one key are delivered in their order. */
export function changeMessage(change: object, { key, sent }: { key: string; sent: number }) {
  return { id: crypto.randomUUID().replaceAll('-', ''), body: utf8.encode(JSON.stringify(change)), type: 'json' as const, sent, key };
}
