import { HandleTable } from '../abi/handles.ts';
import { reset, snapshotOf, type Snapshot } from '../core/reset.ts';
import type { ComponentInvocation, HostCall, InstanceHosts, World } from '../host.ts';
import type { Plan } from '../plan.ts';
import { Trap } from '../trap.ts';
import { HostSite, type Caller, type Exported } from './call.ts';
import { ComponentState, enter, leave } from './component-state.ts';
import { link, type Linked } from './link.ts';
import { OpenCalls } from './open-calls.ts';
import type { Task } from './task.ts';

/** So many yields in a row let the rest of the instance go on, and nobody else: a guest yields before each piece of its work. */
const YIELDS_INSIDE = 4;
/** After so many in a row the event loop gets a turn. */
const YIELDS = 64;

/**
 * One instantiation of a component: the core instances, the tasks that run in them, and whose turn it is. At any time
 * at most one piece of guest code runs, and what becomes possible meanwhile waits in a queue.
 */
export class Instance {
  readonly plan: Plan;
  readonly components: readonly ComponentState[];
  /** The task whose code runs. */
  current: Task | null = null;
  /** Why it runs no more. */
  dead: Error | null = null;
  readonly #hosts: InstanceHosts;
  readonly #linked: Linked;
  readonly #queue: (() => void)[] = [];
  /** A task whose suspended stack goes on in the next microtask; nothing else may run until it stops again. */
  #resumed: Task | null = null;
  /** `this` of host functions that have no call of their own to cancel. */
  readonly hostCall: HostCall;
  /** The function of the host that the guest called last: where a trap was. */
  lastCall: string | null = null;
  /** Grows with each reset: what was begun before has no part in what comes after. */
  epoch = 0;
  /** Tasks that have begun and not ended. */
  #tasks = 0;
  #idle: (() => void) | null = null;
  #snapshot: Snapshot | null = null;
  #draining = false;
  #yields = 0;
  /** Tasks whose stacks are suspended. The engine keeps such a stack, and all that it holds, until it goes on. */
  readonly #suspended = new Set<Task>();
  readonly #calls = new OpenCalls();

  /** @param hosts makes what the component imports, for this instance */
  constructor(plan: Plan, modules: readonly WebAssembly.Module[], hosts: (world: World) => InstanceHosts, options: InstanceOptions = {}) {
    this.plan = plan;
    const running = new Running(() => this.#invocation());
    this.hostCall = running;
    const components: ComponentState[] = [];
    for (const [index, { parent }] of plan.components.entries())
      components.push(new ComponentState(this, index, parent === null ? null : components[parent]!, new HandleTable(options.maxHandles)));
    this.components = components;
    this.#hosts = hosts(running);
    this.#linked = link(this, modules, this.#hosts.hosts, options);
  }

  /** Whether the stacks of a component can be suspended (JSPI): only where something that it imports may make it wait. */
  suspends(component: ComponentState): boolean {
    return this.#linked.suspends(component);
  }

  /** Calls an export; what becomes of that, the caller is told. Returns what `cancel` takes. */
  call(exported: Exported, args: readonly unknown[], caller: Caller): HostSite {
    const site = new HostSite(caller, args, this.#calls);
    if (this.dead !== null) {
      caller.failed(this.dead);
      return site;
    }
    const callable = this.#linked.exported(exported.interface, exported.name);
    this.#yields = 0;
    this.#calls.add(site);
    this.schedule(() => (site.task = callable.call(site)));
    return site;
  }

  cancel(site: HostSite): void {
    this.schedule(() => site.task?.requestCancel());
  }

  /** Waits no more for a call that nobody wants: where there is no other, the instance ends. */
  giveUp(site: HostSite): void {
    if (this.#calls.delete(site) && this.#calls.size === 0) this.fail(new DOMException('The client has gone.', 'AbortError'));
  }

  // --- its life

  /** Calls `done` when no task is left in it, or none that goes on, and no code of its runs; at once where that is so now. */
  whenIdle(done: () => void): void {
    if (this.#tasks === 0 || this.dead !== null) done();
    else this.#idle = done;
  }

  began(): void {
    this.#tasks += 1;
  }

  ended(): void {
    this.#tasks -= 1;
    if (this.#tasks > 0) return;
    this.#hosts.idle();
    if (this.#idle === null) return;
    const idle = this.#idle;
    this.#idle = null;
    idle();
  }

  /** Remembers what it is now, for `reset`. Only for plans all of whose modules can be reset. */
  remember(earlier: Instance | null): void {
    this.#snapshot = snapshotOf(this.#linked.instances, earlier === null ? undefined : (earlier.#snapshot ?? undefined));
    for (const { handles } of this.components) handles.snapshot();
  }

  /** Makes it what it was when it was remembered. False where it is to be thrown away instead. */
  reset(): boolean {
    if (this.#snapshot === null || this.dead !== null || this.#tasks > 0 || this.#queue.length > 0) return false;
    for (const component of this.components) if (!component.reset()) return false;
    if (reset(this.#snapshot) !== 'done') return false;
    this.#hosts.reset();
    this.epoch += 1;
    this.lastCall = null;
    return true;
  }

  /** Whether a call that begins now would have to wait for another to end, or to let it in. */
  get busy(): boolean {
    return this.#tasks > 0 && this.components.some((component) => component.exclusive !== null || component.hasBackpressure);
  }

  /** Handles that are in use, of all of its components. */
  get handles(): number {
    return this.components.reduce((sum, { handles }) => sum + handles.size, 0);
  }

  /** What runs when a guest's stack is suspended: it may have to wait for long. */
  onSuspend: (() => void) | null = null;

  // --- whose turn it is

  /** Runs a step as soon as no guest code runs: at once, where none does. */
  schedule(step: () => void): void {
    this.#queue.push(step);
    this.drain();
  }

  /** Runs a step before all that waits: it belongs to what ran until now. */
  #next(step: () => void): void {
    this.#queue.unshift(step);
    this.drain();
  }

  /** Lets others have a turn before `go`. */
  nextTurn(go: () => void): void {
    this.#yields += 1;
    if (this.#yields <= YIELDS_INSIDE) return this.schedule(go);
    if (this.#yields < YIELDS) return queueMicrotask(go);
    this.#yields = 0;
    setTimeout(go, 0);
  }

  drain(): void {
    if (this.#draining || this.current !== null || this.#resumed !== null) return;
    this.#draining = true;
    try {
      while (this.#resumed === null && this.dead === null) {
        const step = this.#queue.shift();
        if (step === undefined) break;
        step();
      }
    } catch (error) {
      this.fail(error);
    } finally {
      this.#draining = false;
    }
  }

  /** Runs guest code for a task; `done` gets what it returns, when its stack has come to its end. */
  run(task: Task, body: () => unknown, done: (result: unknown) => void): void {
    const result = this.within(task, body);
    if (!(result instanceof Promise)) return done(result);
    task.open = true;
    // Where it has ended, nothing else runs before that is known.
    const ended = !task.suspended && this.current === null && this.#resumed === null;
    if (ended) this.#resumed = task;
    result.then(
      (value: unknown) => {
        if (this.dead !== null) return;
        if (ended) this.#resumed = null;
        else if (this.#resumed === task) this.#stopped(task);
        this.#next(() => {
          task.open = false;
          done(value);
          task.settle();
        });
      },
      (error: unknown) => this.fail(error),
    );
  }

  /** Runs guest code that does not suspend, or the part of it before it does. What it throws is the end of the instance. */
  within<Result>(task: Task, body: () => Result): Result {
    const previous = this.current;
    const { component } = task;
    const entered = enter(component, previous?.component ?? null);
    this.current = task;
    // Another task of the same component may be in the middle of its code: a destructor's caller.
    const slot0 = component.swap0(task.slot0);
    const slot1 = component.swap1(task.slot1);
    try {
      return body();
    } catch (error) {
      throw this.fail(error);
    } finally {
      task.slot0 = component.swap0(slot0);
      task.slot1 = component.swap1(slot1);
      this.current = previous;
      leave(component, entered);
    }
  }

  /**
   * Suspends the stack of the current task. For the return value of a function that `plan.suspends` names only.
   *
   * @param subscribe gets the function that lets it go on
   * @param finish runs then, before the guest does, and gives what the guest gets
   */
  suspend<Result>(subscribe: (go: () => void) => void, finish: () => Result): Promise<Result> {
    this.onSuspend?.();
    const task = this.current;
    if (task !== null) {
      task.waiting = true;
      task.settle();
    }
    return this.#suspend(subscribe, finish);
  }

  /** Suspends the stack of the current task until it is known whether that of another waits or has ended. */
  untilSettled<Result>(task: Task, finish: () => Result): Promise<Result> {
    return this.#suspend((go) => (task.settled = go), finish, true);
  }

  #suspend<Result>(subscribe: (go: () => void) => void, finish: () => Result, first = false): Promise<Result> {
    const task = this.current;
    if (task === null) throw new Trap('The guest would have to wait while it is instantiated.');
    if (this.#resumed === task) this.#stopped(task);
    task.suspended = true;
    this.#suspended.add(task);
    return new Promise((resolve, reject) => {
      task.giveUp = reject;
      const proceed = () => {
        this.#resumed = task;
        this.current = task;
        task.waiting = false;
        task.suspended = false;
        this.#suspended.delete(task);
        enter(task.component, null);
        task.component.swap0(task.slot0);
        task.component.swap1(task.slot1);
        try {
          resolve(finish());
        } catch (error) {
          reject(this.fail(error));
        }
      };
      subscribe(() => (first ? this.#next(proceed) : this.schedule(proceed)));
    });
  }

  /** The task that runs. */
  task(): Task {
    if (this.current === null) throw new Trap('The guest called a built-in while nothing of it runs.');
    return this.current;
  }

  /** That a guest may call out of a component now. */
  check(component: ComponentState): void {
    if (this.dead !== null) throw this.dead;
    component.checkLeave();
  }

  /** That the current task may wait. */
  checkBlock(): void {
    const { lifted } = this.task();
    if (!lifted.asyncType) throw new Trap(`${lifted.name} would have to wait, though its type is not async.`);
  }

  #invocation(): ComponentInvocation {
    const invocation = this.current?.invocation ?? null;
    if (invocation === null) throw new Trap(`${this.lastCall ?? 'A host function'} was called while no request is served.`);
    return invocation;
  }

  /** Ends the instance: every call in it fails. Returns the error, to be thrown on. */
  fail(error: unknown): Error {
    if (this.dead === null) {
      this.dead = error instanceof Error ? error : new Error(String(error));
      this.#queue.length = 0;
      const idle = this.#idle;
      this.#idle = null;
      this.#hosts.idle();
      for (const site of this.#calls.clear()) site.failed(this.dead);
      queueMicrotask(() => {
        for (const component of this.components) component.abandon();
        for (const task of this.#suspended) task.giveUp!(this.dead!);
        this.#suspended.clear();
        idle?.();
      });
    }
    return this.dead;
  }

  /** A stack that went on has stopped again, or has come to its end. */
  #stopped(task: Task): void {
    task.slot0 = task.component.swap0(0);
    task.slot1 = task.component.swap1(0);
    this.#resumed = null;
    this.current = null;
    leave(task.component, null);
    if (this.#queue.length > 0) queueMicrotask(() => this.drain());
  }
}

/** What hosts see of the task that runs. A class, since an object that is written with a getter has a shape of its own each time. */
class Running implements World, HostCall {
  readonly #find: () => ComponentInvocation;

  constructor(find: () => ComponentInvocation) {
    this.#find = find;
  }

  get invocation(): ComponentInvocation {
    return this.#find();
  }

  get signal(): AbortSignal {
    return this.#find().signal;
  }
}

export interface InstanceOptions {
  /** Pages of 64 KiB that each memory may grow to. */
  readonly maxPages?: number;
  /** Handles that each of its components may have at once; as many as there can be by default. */
  readonly maxHandles?: number;
}
