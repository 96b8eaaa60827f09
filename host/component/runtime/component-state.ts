import type { AbiComponent, BorrowScope } from '../abi/target.ts';
import { ResourceHandle, type HandleTable } from '../abi/handles.ts';
import type { Task } from './task.ts';
import type { Instance } from './instance.ts';
import { CopyEnd, type Copied } from './copy.ts';
import { EVENT } from './waitable.ts';
import { Future, pendingOf } from './future.ts';
import { elementKind, sourceOf, Stream, type ElementKind } from './stream.ts';
import type { Pending, Source } from '../host.ts';
import { Trap } from '../trap.ts';
import { Subtask } from './subtask.ts';

const MAX_BACKPRESSURE = 2 ** 16;

/** An instance of a component: its handles, and the rules for who may go in and out of it. */
export class ComponentState implements AbiComponent {
  readonly index: number;
  readonly parent: ComponentState | null;
  readonly handles: HandleTable;
  readonly #instance: Instance;
  scope: BorrowScope | null = null;
  /** Put a value into a slot of the context that `context.get` and `context.set` work on, and give what was there. */
  swap0 = noSlot;
  swap1 = noSlot;
  /** Not while a call is inside: what was called must not call back. */
  mayEnter = true;
  /** Not while `realloc` or a post-return function runs. */
  mayLeave = true;
  /** The task that runs, or may run next, of those of which only one may at a time. */
  exclusive: Task | null = null;
  /** Tasks that could go on if `exclusive` were not another. */
  readonly blocked: Task[] = [];
  /** Tasks that have not begun, because the guest asked for none or one is exclusive. */
  readonly entering: Task[] = [];
  #backpressure = 0;

  constructor(instance: Instance, index: number, parent: ComponentState | null, handles: HandleTable) {
    this.#instance = instance;
    this.index = index;
    this.parent = parent;
    this.handles = handles;
  }

  get hasBackpressure(): boolean {
    return this.#backpressure > 0;
  }

  press(by: number): void {
    this.#backpressure += by;
    if (this.#backpressure < 0 || this.#backpressure >= MAX_BACKPRESSURE)
      throw new Trap('backpressure.inc and backpressure.dec do not match.');
    if (this.#backpressure === 0) this.admit();
  }

  checkLeave(): void {
    if (!this.mayLeave) throw new Trap('The guest called out from within realloc or a post-return function.');
  }

  /** The exclusive task is done, or waits: another may go on. */
  release(): void {
    this.exclusive = null;
    const next = this.blocked.shift();
    if (next === undefined) {
      if (this.entering.length > 0) this.admit();
      return;
    }
    this.#instance.schedule(() => {
      next.proceed();
      if (this.exclusive === null) this.release();
    });
  }

  admit(): void {
    this.#instance.schedule(() => {
      const task = this.entering[0];
      if (task === undefined || this.#backpressure > 0 || (task.needsExclusive && this.exclusive !== null)) return;
      this.entering.shift();
      task.begin();
      if (this.entering.length > 0) this.admit();
    });
  }

  /** Puts it back to what it was when its handles were remembered. False where something is still under way. */
  reset(): boolean {
    if (this.exclusive !== null || this.blocked.length > 0 || this.entering.length > 0 || !this.mayEnter || !this.mayLeave) return false;
    this.abandon();
    this.handles.restore();
    this.#backpressure = 0;
    this.scope = null;
    return true;
  }

  /** Gives the host back what the guest still holds of it. */
  abandon(): void {
    for (const entry of this.handles.added()) abandon(entry);
  }

  // --- streams and futures, as values of calls

  liftStream(index: number, element: number | null): Source {
    const stream = this.#takeReadable(index, EVENT.streamRead, element) as Stream;
    return stream.untouched ?? stream;
  }

  liftFuture(index: number, element: number | null): Pending {
    return this.#takeReadable(index, EVENT.futureRead, element) as Future;
  }

  lowerStream(value: unknown, element: number | null): number {
    const kind = elementKind(this.#instance.plan, element);
    const shared = value instanceof Stream ? value : new Stream(element, kind, hostSource(value));
    return this.#addEnd(shared, EVENT.streamRead, false);
  }

  lowerFuture(value: unknown, element: number | null): number {
    const plain = elementKind(this.#instance.plan, element) !== 'values';
    const shared = value instanceof Future ? value : new Future(element, plain, hostPending(value));
    return this.#addEnd(shared, EVENT.futureRead, false);
  }

  newStream(element: number | null, kind: ElementKind): bigint {
    const shared = new Stream(element, kind, null);
    return packed(this.#addEnd(shared, EVENT.streamRead, false), this.#addEnd(shared, EVENT.streamWrite, true));
  }

  newFuture(element: number | null, plain: boolean): bigint {
    const shared = new Future(element, plain, null);
    return packed(this.#addEnd(shared, EVENT.futureRead, false), this.#addEnd(shared, EVENT.futureWrite, true));
  }

  endOf(index: number, event: number, element: number | null): CopyEnd {
    return checkedEnd(this.handles.get(index), event, element);
  }

  dropEnd(index: number, event: number, element: number | null): void {
    const end = checkedEnd(this.handles.remove(index), event, element);
    if (end.state === 'copying' || end.state === 'cancelling') throw new Trap('One end of a stream was dropped in the middle of a copy.');
    end.shared.dropEnd(end);
    end.join(null);
  }

  #takeReadable(index: number, event: number, element: number | null): Copied {
    const end = checkedEnd(this.handles.remove(index), event, element);
    if (end.state !== 'idle') throw new Trap('The readable end of a stream was passed on in the middle of a copy, or after the last.');
    if (end.set !== null) throw new Trap('The readable end of a stream was passed on while it is in a waitable set.');
    return end.shared;
  }

  #addEnd(shared: Copied, event: number, writable: boolean): number {
    const end = new CopyEnd(shared, event, writable, this.index);
    end.index = this.handles.add(end);
    return end.index;
  }
}

function noSlot(_value: number): number {
  return 0;
}

/** That a component may be called from where the call comes; null: the host. @throws {Trap} */
export function checkEntry(component: ComponentState, caller: ComponentState | null): void {
  for (let at: ComponentState | null = component; at !== null && !isWithin(caller, at); at = at.parent)
    if (!at.mayEnter) throw new Trap('A component was called while a call of its own is under way.');
}

/** Shuts a component and those around it, up to the caller's own. Returns where these begin. */
export function enter(component: ComponentState, caller: ComponentState | null): ComponentState | null {
  let at: ComponentState | null = component;
  for (; at !== null && !isWithin(caller, at); at = at.parent) at.mayEnter = false;
  return at;
}

/** @param end what `enter` returned */
export function leave(component: ComponentState, end: ComponentState | null): void {
  for (let at: ComponentState | null = component; at !== null && at !== end; at = at.parent) at.mayEnter = true;
}

function isWithin(component: ComponentState | null, ancestor: ComponentState): boolean {
  for (let at = component; at !== null; at = at.parent) if (at === ancestor) return true;
  return false;
}

/** What a guest has left behind: the host gets back what is its own. */
function abandon(entry: unknown): void {
  if (entry instanceof CopyEnd) entry.shared.abandon();
  else if (entry instanceof Subtask) entry.cancel?.();
  else if (entry instanceof ResourceHandle && entry.own) (entry.rep as Partial<Disposable> | null)?.[Symbol.dispose]?.();
}

function checkedEnd(entry: unknown, event: number, element: number | null): CopyEnd {
  if (!(entry instanceof CopyEnd) || entry.event !== event)
    throw new Trap('A handle is not the end of a stream or future that it is used as.');
  if (entry.shared.element !== element) throw new Trap('A stream or future is used with another type than its own.');
  return entry;
}

/** All machines that this runs on have the lower half first. */
const halves = new Uint32Array(2);
const whole = new BigUint64Array(halves.buffer);

function packed(readable: number, writable: number): bigint {
  halves[0] = readable;
  halves[1] = writable;
  return whole[0]!;
}

function hostSource(value: unknown): Source {
  if (value instanceof ReadableStream) return sourceOf(value as ReadableStream<Uint8Array<ArrayBuffer>>);
  if (isReadable(value)) return value as Source;
  throw new TypeError('The host gave something else where a stream belongs.');
}

function hostPending(value: unknown): Pending {
  if (value instanceof Promise) return pendingOf(value);
  if (isReadable(value)) return value as Pending;
  throw new TypeError('The host gave something else where a future belongs.');
}

function isReadable(value: unknown): boolean {
  return value !== null && typeof value === 'object' && typeof (value as { read?: unknown }).read === 'function';
}
