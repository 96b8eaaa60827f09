import type { BorrowScope } from '../abi/target.ts';
import type { ComponentInvocation } from '../host.ts';
import { Trap } from '../trap.ts';
import type { ComponentState } from './component-state.ts';
import type { Instance } from './instance.ts';
import type { Lifted } from './lifted.ts';
import { EVENT, WaitableSet } from './waitable.ts';

/** Who called a component's function, and what becomes of its result. */
export interface CallSite {
  /** null: the host. */
  readonly caller: ComponentState | null;
  /** null while the component is instantiated. */
  readonly invocation: ComponentInvocation | null;
  /** The arguments, when the callee is ready for them. */
  args(): readonly unknown[];
  resolve(value: unknown): void;
  cancelled(): void;
  /** The callee's code has come to its end, which may be long after its result. */
  ended?(): void;
}

const CODE = { exit: 0, yield: 1, wait: 2 } as const;

/** One call of a function that a component lifts. */
export class Task implements BorrowScope {
  readonly lifted: Lifted;
  readonly site: CallSite;
  readonly component: ComponentState;
  readonly #instance: Instance;
  state: 'initial' | 'started' | 'cancel-pending' | 'cancel-delivered' | 'resolved' = 'initial';
  #borrows = 0;
  /** Its context, while its code does not run. */
  slot0 = 0;
  slot1 = 0;
  /** The set that its callback waits for; the task itself where it yields. */
  #waits: WaitableSet | 'yield' | null = null;
  /** Goes on with a suspended stack that may be cancelled. */
  cancelSuspended: (() => void) | null = null;
  /** Its stack has not come to its end, as far as is known: the engine tells that later. */
  open = false;
  /** Its stack is suspended. */
  suspended = false;
  /** Ends its suspended stack with an error. */
  giveUp: ((error: Error) => void) | null = null;
  /** It is suspended because it waits for something, and not just because the engine lets go of stacks. */
  waiting = false;
  /** Goes on with a caller who has to know which of these it is. */
  settled: (() => void) | null = null;

  constructor(instance: Instance, lifted: Lifted, site: CallSite) {
    this.#instance = instance;
    this.lifted = lifted;
    this.site = site;
    this.component = lifted.component;
  }

  get invocation(): ComponentInvocation | null {
    return this.site.invocation;
  }

  /** Callbacks and synchronous code of one component take turns; stacks of their own do not. */
  get needsExclusive(): boolean {
    return this.lifted.asyncType && (!this.lifted.options.async || this.lifted.callback !== null);
  }

  /** Whether it is still to be seen if its stack waits or has ended. */
  get unsettled(): boolean {
    return this.open && !this.waiting;
  }

  settle(): void {
    const go = this.settled;
    if (go === null) return;
    this.settled = null;
    go();
  }

  // --- borrows: a task returns all before it ends

  borrow(): void {
    this.#borrows += 1;
  }

  returned(): void {
    this.#borrows -= 1;
  }

  lend(): void {}

  // --- its life

  start(): void {
    const { component } = this;
    const waits =
      this.lifted.asyncType &&
      (component.hasBackpressure || component.entering.length > 0 || (this.needsExclusive && component.exclusive !== null));
    if (waits) component.entering.push(this);
    else this.begin();
  }

  begin(): void {
    if (this.state !== 'initial') return;
    if (this.needsExclusive) this.component.exclusive = this;
    this.state = 'started';
    this.#instance.began();
    this.lifted.enter(this);
  }

  /** Its result has come, before or after its code has ended. */
  resolve(value: unknown): void {
    if (this.state === 'resolved') throw new Trap('A task returned twice.');
    this.#checkBorrows();
    this.state = 'resolved';
    this.site.resolve(value);
  }

  cancel(): void {
    if (this.state !== 'cancel-delivered') throw new Trap('task.cancel was called though no cancellation was asked for.');
    this.#checkBorrows();
    this.state = 'resolved';
    this.site.cancelled();
  }

  /** What its code, or its callback, asks for next. */
  next(packed: number): void {
    const code = packed & 15;
    if (code === CODE.exit) return this.exit();
    if (code === CODE.yield) {
      this.#waits = 'yield';
    } else if (code === CODE.wait) {
      const set = this.component.handles.get(packed >>> 4);
      if (!(set instanceof WaitableSet)) throw new Trap('A callback waits for something that is no waitable set.');
      this.#waits = set;
      set.wait(this);
    } else {
      throw new Trap(`A callback returned the code ${code}, which is none.`);
    }
    this.component.release();
    if (this.#waits === 'yield') this.#instance.nextTurn(() => this.wake());
    else if (this.#waits.hasEvent || this.state === 'cancel-pending') this.wake();
  }

  exit(): void {
    if (this.state !== 'resolved') throw new Trap(`${this.lifted.name} ended without a result: it neither returned nor was cancelled.`);
    if (this.needsExclusive) this.component.release();
    this.site.ended?.();
    this.#instance.ended();
  }

  wake(): void {
    this.#instance.schedule(() => this.proceed());
  }

  /** Runs its callback if it has what it waits for and its turn has come. */
  proceed(): void {
    const waits = this.#waits;
    if (waits === null) return;
    const cancelled = this.state === 'cancel-pending';
    if (waits !== 'yield' && !cancelled && !waits.hasEvent) return;
    const { component } = this;
    if (component.exclusive !== null) {
      if (!component.blocked.includes(this)) component.blocked.push(this);
      return;
    }
    component.exclusive = this;
    this.#waits = null;
    if (waits !== 'yield') waits.leave(this);
    if (cancelled) {
      this.state = 'cancel-delivered';
      this.lifted.runCallback(this, EVENT.cancelled, 0, 0);
    } else if (waits === 'yield') {
      this.lifted.runCallback(this, EVENT.none, 0, 0);
    } else {
      const waitable = waits.shift();
      const { index } = waitable;
      this.lifted.runCallback(this, waitable.event, index, waitable.take());
      if (waits.hasEvent) waits.wake();
    }
  }

  /** The caller wants it to end early; it learns so when it waits next. */
  requestCancel(): void {
    // What is given back after a trap must not run the guest again.
    if (this.#instance.dead !== null) return;
    if (this.state === 'initial') {
      this.state = 'resolved';
      const { entering } = this.component;
      entering.splice(entering.indexOf(this), 1);
      this.site.cancelled();
      return;
    }
    if (this.state !== 'started') return;
    this.state = 'cancel-pending';
    if (this.#waits !== null) {
      // At once where that is possible, so that the canceller need not wait.
      if (this.component.exclusive === null && this.component.mayEnter) this.proceed();
      else this.wake();
    }
    if (this.cancelSuspended !== null) {
      const go = this.cancelSuspended;
      this.cancelSuspended = null;
      this.waiting = false;
      go();
    }
  }

  /** Whether the cancellation is told now, to a place that can take it. */
  deliverCancel(cancellable: boolean): boolean {
    if (!cancellable || this.state !== 'cancel-pending') return false;
    this.state = 'cancel-delivered';
    return true;
  }

  #checkBorrows(): void {
    if (this.#borrows > 0) throw new Trap(`${this.lifted.name} returned with ${this.#borrows} borrowed handles still in use.`);
  }
}
