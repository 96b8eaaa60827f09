import type { ResourceHandle } from '../abi/handles.ts';
import type { BorrowScope } from '../abi/target.ts';
import { Trap } from '../trap.ts';
import type { Task } from './task.ts';
import { EVENT, Waitable } from './waitable.ts';

export const SUBTASK = { starting: 0, started: 1, returned: 2, cancelledBeforeStarted: 3, cancelledBeforeReturned: 4 } as const;

/** A call that a guest has made, as it sees it. */
export class Subtask extends Waitable implements BorrowScope {
  readonly event = EVENT.subtask;
  state: number = SUBTASK.starting;
  cancelRequested = false;
  cancel: (() => void) | null = null;
  /** What runs for it, where that is another component. */
  task: Task | null = null;
  /** Handles that the callee borrows until the caller has seen the end; null from then on. */
  #lenders: ResourceHandle[] | null = [];

  get resolved(): boolean {
    return this.state >= SUBTASK.returned;
  }

  get delivered(): boolean {
    return this.#lenders === null;
  }

  lend(handle: ResourceHandle): void {
    handle.lends += 1;
    this.#lenders!.push(handle);
  }

  borrow(): void {}

  returned(): void {}

  /** The caller has seen its end. */
  deliver(): void {
    for (const handle of this.#lenders ?? []) handle.lends -= 1;
    this.#lenders = null;
  }

  override take(): number {
    this.pending = false;
    if (this.resolved) this.deliver();
    return this.state;
  }

  release(): void {
    if (!this.delivered) throw new Trap('A subtask was dropped before its end was seen.');
    this.join(null);
  }
}
