import type { StringEncoding } from '../plan.ts';
import { Trap } from '../trap.ts';
import type { HandleTable, ResourceHandle } from './handles.ts';
import type { GuestMemory } from './memory.ts';

/** Where the values of a canonical definition live: an instance of a component, and its options. */
export interface AbiTarget {
  readonly memory: GuestMemory | null;
  readonly realloc: ((old: number, oldBytes: number, align: number, bytes: number) => number) | null;
  readonly encoding: StringEncoding;
  readonly component: AbiComponent;
}

/** What codecs need of an instance of a component. */
export interface AbiComponent {
  readonly index: number;
  readonly handles: HandleTable;
  /** Set around each call: of what is lifted the caller's, of what is lowered the callee's; null where nothing can happen in between. */
  scope: BorrowScope | null;
  liftStream(handle: number, element: number | null): unknown;
  lowerStream(value: unknown, element: number | null): number;
  liftFuture(handle: number, element: number | null): unknown;
  lowerFuture(value: unknown, element: number | null): number;
}

/** A call that handles are borrowed for. */
export interface BorrowScope {
  /** The caller lends a handle until the call's end: `add_lender` of a subtask. */
  lend(handle: ResourceHandle): void;
  /** The callee got a handle that it has to drop before its end: `num_borrows` of a task, plus one. */
  borrow(): void;
  /** The callee dropped one. */
  returned(): void;
}

/** The memory of values that are not flat. The build gives one to every definition that has such values. */
export function memoryOf({ memory }: AbiTarget): GuestMemory {
  if (memory === null) throw new Trap('A value needs a memory, and its function has none.');
  return memory;
}

/** Lets the guest allocate, and checks what it gives. The views are fresh afterwards. */
export function allocate({ memory, realloc }: AbiTarget, align: number, bytes: number): number {
  if (memory === null || realloc === null) throw new Trap('A value needs a realloc function, and its function has none.');
  return memory.check(realloc(0, 0, align, bytes), bytes, align);
}
