import { HandleTable } from '../abi/handles.ts';
import { reset, snapshotOf, type Snapshot } from '../core/reset.ts';
import type { ComponentInvocation, HostCall, InstanceHosts, World } from '../host.ts';
import type { Plan } from '../plan.ts';
import { Trap } from '../trap.ts';
import { ComponentState, enter, leave } from './component-state.ts';
import { link, type Linked } from './link.ts';
import type { Task } from './task.ts';

/** Yields in a row after which the event loop gets a turn. */
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
  readonly #calls = new Set<(error: Error) => void>();

  /** @param hosts makes what the component imports, for this instance */
  constructor(plan: Plan, modules: readonly WebAssembly.Module[], hosts: (world: World) => InstanceHosts, options: InstanceOptions = {}) {
    this.plan = plan;
    const running = () => this.#invocation();
    const world: World = {
      get invocation() {
        return running();
      },
    };
    this.hostCall = {
      get signal() {
        return running().signal;
      },
    };
    const components: ComponentState[] = [];
    for (const [index, { parent }] of plan.components.entries())
      components.push(new ComponentState(this, index, parent === null ? null : components[parent]!, new HandleTable(options.maxHandles)));
    this.components = components;
    this.#hosts = hosts(world);
    this.#linked = link(this, modules, this.#hosts.hosts, options);
  }

  /** Whether the stacks of a component can be suspended (JSPI): only where something that it imports may make it wait. */
  suspends(component: ComponentState): boolean {
    return this.#linked.suspends(component);
  }

  /**
   * Calls an export.
   *
   * @param done gets the result: at once where the guest gives it at once
   * @param failed gets the trap that ended the instance before the call's code came to its end, or `Cancelled`
   * @param ended that end
   * @returns a function that cancels the call
   */
  call(
    exported: { readonly interface: string; readonly name: string },
    args: readonly unknown[],
    invocation: ComponentInvocation,
    done: (value: unknown) => void,
    failed: (error: Error) => void,
    ended: () => void = () => undefined,
  ): () => void {
    if (this.dead !== null) {
      failed(this.dead);
      return () => undefined;
    }
    const callable = this.#linked.exported(exported.interface, exported.name);
    this.#calls.add(failed);
    let cancel: (() => void) | null = null;
    const start = () => {
      cancel = callable.call({
        caller: null,
        invocation,
        args: () => args,
        resolve: done,
        cancelled: () => {
          this.#calls.delete(failed);
          failed(new Cancelled());
        },
        ended: () => {
          this.#calls.delete(failed);
          ended();
        },
      });
    };
    this.schedule(start);
    return () => this.schedule(() => cancel?.());
  }

  /** Waits no more for a call that nobody wants: where there is no other, the instance ends. */
  giveUp(failed: (error: Error) => void): void {
    if (this.#calls.delete(failed) && this.#calls.size === 0) this.fail(new DOMException('The client has gone.', 'AbortError'));
  }

  // --- its life

  /** Calls `done` when no task is left in it; at once where there is none. */
  whenIdle(done: () => void): void {
    if (this.#tasks === 0) done();
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
    queueMicrotask(idle);
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

  /** Lets others have a turn before `go`. */
  nextTurn(go: () => void): void {
    this.#yields += 1;
    if (this.#yields % YIELDS === 0) setTimeout(go, 0);
    else queueMicrotask(go);
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
    result.then(
      (value: unknown) => {
        if (this.dead !== null) return;
        if (this.#resumed === task) this.#stopped(task);
        this.schedule(() => done(value));
      },
      (error: unknown) => this.fail(error),
    );
  }

  /** Runs guest code that does not suspend, or the part of it before it does. What it throws is the end of the instance. */
  within<Result>(task: Task, body: () => Result): Result {
    const previous = this.current;
    const entered = enter(task.component, previous?.component ?? null);
    this.current = task;
    try {
      return body();
    } catch (error) {
      throw this.fail(error);
    } finally {
      this.current = previous;
      leave(task.component, entered);
    }
  }

  /**
   * Suspends the stack of the current task. For the return value of a `WebAssembly.Suspending` function only.
   *
   * @param subscribe gets the function that lets it go on
   * @param finish runs then, before the guest does, and gives what the guest gets
   */
  suspend<Result>(subscribe: (go: () => void) => void, finish: () => Result): Promise<Result> {
    this.onSuspend?.();
    return this.#suspend(subscribe, finish);
  }

  #suspend<Result>(subscribe: (go: () => void) => void, finish: () => Result): Promise<Result> {
    const task = this.current;
    if (task === null) throw new Trap('The guest would have to wait while it is instantiated.');
    if (this.#resumed === task) this.#stopped(task);
    return new Promise((resolve, reject) => {
      subscribe(() =>
        this.schedule(() => {
          this.#resumed = task;
          this.current = task;
          enter(task.component, null);
          try {
            resolve(finish());
          } catch (error) {
            reject(this.fail(error));
          }
        }),
      );
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

  /** What a suspendable function returns: the engine lets go of the stack also where there is nothing to wait for. */
  late(value: unknown): Promise<unknown> {
    return value instanceof Promise
      ? value
      : this.#suspend(
          (go) => go(),
          () => value,
        );
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
      this.#idle = null;
      this.#hosts.idle();
      const calls = [...this.#calls];
      this.#calls.clear();
      for (const failed of calls) failed(this.dead);
      queueMicrotask(() => {
        for (const component of this.components) component.abandon();
      });
    }
    return this.dead;
  }

  /** A stack that went on has stopped again, or has come to its end. */
  #stopped(task: Task): void {
    this.#resumed = null;
    this.current = null;
    leave(task.component, null);
    if (this.#queue.length > 0) queueMicrotask(() => this.drain());
  }
}

export interface InstanceOptions {
  /** Pages of 64 KiB that each memory may grow to. */
  readonly maxPages?: number;
  /** Handles that each of its components may have at once; as many as there can be by default. */
  readonly maxHandles?: number;
}

/** The guest took the cancellation of its task. */
export class Cancelled extends Error {
  constructor() {
    super('The call was cancelled.');
    this.name = 'Cancelled';
  }
}
