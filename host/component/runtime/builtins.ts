import { ErrorContext } from '../abi/error-context.ts';
import { ResourceHandle, resourceOf } from '../abi/handles.ts';
import type { GuestMemory } from '../abi/memory.ts';
import type { Codec } from '../abi/codec.ts';
import type { CoreFunction as PlanFunction } from '../plan.ts';
import { Trap } from '../trap.ts';
import type { ComponentState } from './component-state.ts';
import type { Instance } from './instance.ts';
import type { CoreFunction } from './lifted.ts';
import { BLOCKED } from './copy.ts';
import { Subtask } from './subtask.ts';
import { EVENT, Waitable, WaitableSet } from './waitable.ts';

/** Core functions that the canonical ABI gives a guest, but for those on contexts, resources, streams and futures. */
export type BuiltIn = Exclude<
  PlanFunction['kind'],
  'export' | 'lower' | `context.${string}` | `resource.${string}` | `stream.${string}` | `future.${string}`
>;

/** Parts of core wasm that a built-in works on; asked for when it is first called. */
export interface BuiltInParts {
  memory(): GuestMemory;
  /** Lifts the flat values, or the value in memory, that a task returns. */
  taskResult(): (flat: readonly unknown[]) => unknown;
  string(): Codec;
}

export function builtIn(
  instance: Instance,
  component: ComponentState,
  what: Extract<PlanFunction, { kind: BuiltIn }>,
  parts: BuiltInParts,
): CoreFunction {
  const { handles } = component;
  const leave = () => instance.check(component);
  switch (what.kind) {
    case 'task.return':
      return taskReturn(instance, component, what, parts);
    case 'task.cancel':
      return () => {
        leave();
        const task = instance.task();
        if (!task.lifted.options.async) throw new Trap('task.cancel was called by a task that is not asynchronous.');
        task.cancel();
      };
    case 'backpressure.set':
      return (on) => component.press(on === 0 ? (component.hasBackpressure ? -1 : 0) : component.hasBackpressure ? 0 : 1);
    case 'backpressure.inc':
      return () => component.press(1);
    case 'backpressure.dec':
      return () => component.press(-1);
    case 'thread.yield':
      return () => {
        leave();
        return yieldNow(instance, what.cancellable);
      };
    case 'waitable-set.new':
      return () => {
        leave();
        return handles.add(new WaitableSet());
      };
    case 'waitable-set.drop':
      return (index) => {
        leave();
        setOf(handles.remove(index as number)).release();
      };
    case 'waitable-set.poll':
      return (index, pointer) => {
        leave();
        const set = setOf(handles.get(index as number));
        if (instance.task().deliverCancel(what.cancellable)) return tell(parts.memory(), pointer as number, EVENT.cancelled, null);
        return tell(parts.memory(), pointer as number, EVENT.none, set.hasEvent ? set.shift() : null);
      };
    case 'waitable-set.wait':
      return (index, pointer) => {
        leave();
        const set = setOf(handles.get(index as number));
        return waitFor(instance, set, what.cancellable, () => parts.memory(), pointer as number);
      };
    case 'waitable.join':
      return (index, setIndex) => {
        leave();
        const waitable = handles.get(index as number);
        if (!(waitable instanceof Waitable)) throw new Trap('waitable.join was called with a handle that is no waitable.');
        if (waitable.waiter !== null) throw new Trap('waitable.join was called with a waitable that a task waits for.');
        waitable.join(setIndex === 0 ? null : setOf(handles.get(setIndex as number)));
      };
    case 'subtask.drop':
      return (index) => {
        leave();
        subtaskOf(handles.remove(index as number)).release();
      };
    case 'subtask.cancel':
      return (index) => {
        leave();
        return cancelSubtask(instance, subtaskOf(handles.get(index as number)), what.async);
      };
    case 'error-context.new':
      return (pointer, length) => {
        leave();
        return handles.add(new ErrorContext(parts.string().lift([pointer, length], 0) as string));
      };
    case 'error-context.debug-message':
      return (index, pointer) => {
        leave();
        parts.string().store(parts.memory().check(pointer as number, 8, 4), errorOf(handles.get(index as number)).message);
      };
    case 'error-context.drop':
      return (index) => {
        leave();
        errorOf(handles.remove(index as number));
      };
  }
}

function taskReturn(
  instance: Instance,
  component: ComponentState,
  what: Extract<PlanFunction, { kind: 'task.return' }>,
  parts: BuiltInParts,
): CoreFunction {
  let lift: ((flat: readonly unknown[]) => unknown) | null = null;
  return (...flat) => {
    instance.check(component);
    const task = instance.task();
    const { lifted } = task;
    if (!lifted.options.async) throw new Trap('task.return was called by a task that is not asynchronous.');
    if (what.result !== lifted.resultType) throw new Trap(`task.return was called with another type than ${lifted.name} returns.`);
    const { memory, encoding } = lifted.options;
    if (what.options.encoding !== encoding || (what.options.memory !== null && memory !== null && what.options.memory !== memory))
      throw new Trap('task.return was called with other options than its function was lifted with.');
    lift ??= parts.taskResult();
    task.resolve(lift(flat));
  };
}

function yieldNow(instance: Instance, cancellable: boolean): unknown {
  const task = instance.task();
  if (task.deliverCancel(cancellable)) return 1;
  // Where stacks are not suspended, the yield is over at once, as the canonical ABI allows.
  if (!instance.suspends(task.component)) return 0;
  return instance.suspend(
    (go) => {
      if (!cancellable) return instance.nextTurn(go);
      let gone = false;
      const once = () => {
        if (!gone) go();
        gone = true;
      };
      task.cancelSuspended = once;
      instance.nextTurn(once);
    },
    () => {
      task.cancelSuspended = null;
      return task.deliverCancel(cancellable) ? 1 : 0;
    },
  );
}

function waitFor(instance: Instance, set: WaitableSet, cancellable: boolean, memory: () => GuestMemory, pointer: number): unknown {
  const task = instance.task();
  if (task.deliverCancel(cancellable)) return tell(memory(), pointer, EVENT.cancelled, null);
  if (set.hasEvent) return tell(memory(), pointer, EVENT.none, set.shift());
  instance.checkBlock();
  return instance.suspend(
    (go) => {
      const waiter = { wake: () => set.hasEvent && once() };
      const once = () => {
        set.leave(waiter);
        task.cancelSuspended = null;
        go();
      };
      set.wait(waiter);
      if (cancellable) task.cancelSuspended = once;
    },
    () =>
      task.deliverCancel(cancellable)
        ? tell(memory(), pointer, EVENT.cancelled, null)
        : tell(memory(), pointer, EVENT.none, set.hasEvent ? set.shift() : null),
  );
}

/** Writes what an event is about, and returns its code. */
function tell(memory: GuestMemory, pointer: number, code: number, waitable: Waitable | null): number {
  const at = memory.check(pointer, 8, 4);
  const index = waitable?.index ?? 0;
  const payload = waitable?.take() ?? 0;
  memory.view.setUint32(at, index, true);
  memory.view.setUint32(at + 4, payload, true);
  return waitable?.event ?? code;
}

function cancelSubtask(instance: Instance, subtask: Subtask, async: boolean): unknown {
  if (subtask.delivered) throw new Trap('subtask.cancel was called after the end of the subtask was seen.');
  if (subtask.cancelRequested) throw new Trap('subtask.cancel was called twice for one subtask.');
  if (subtask.set !== null && !async) throw new Trap('subtask.cancel would wait for a subtask that is in a waitable set.');
  if (!subtask.resolved) {
    subtask.cancelRequested = true;
    subtask.cancel?.();
    const { task } = subtask;
    if (async && task?.unsettled === true) return instance.untilSettled(task, () => (subtask.resolved ? taken(subtask) : BLOCKED));
    if (!subtask.resolved) {
      if (async) return BLOCKED;
      instance.checkBlock();
      return instance.suspend(
        (go) => (subtask.waiter = go),
        () => taken(subtask),
      );
    }
  }
  return taken(subtask);
}

function taken(subtask: Subtask): number {
  subtask.set?.forget(subtask);
  return subtask.take();
}

function setOf(entry: unknown): WaitableSet {
  if (entry instanceof WaitableSet) return entry;
  throw new Trap('A handle is not the waitable set that it is used as.');
}

function subtaskOf(entry: unknown): Subtask {
  if (entry instanceof Subtask) return entry;
  throw new Trap('A handle is not the subtask that it is used as.');
}

function errorOf(entry: unknown): ErrorContext {
  if (entry instanceof ErrorContext) return entry;
  throw new Trap('A handle is not the error context that it is used as.');
}

/** `resource.new`, `resource.rep` and `resource.drop`. */
export function resourceBuiltIn(
  instance: Instance,
  component: ComponentState,
  what: Extract<PlanFunction, { resource: number }>,
  destroy: (rep: unknown) => unknown,
): CoreFunction {
  const { handles } = component;
  const { resource } = what;
  if (what.kind === 'resource.new')
    return (rep) => {
      instance.check(component);
      return handles.add(new ResourceHandle(resource, rep, true, null));
    };
  if (what.kind === 'resource.rep') return (index) => resourceOf(handles.get(index as number), resource).rep;
  return (index) => {
    instance.check(component);
    const handle = resourceOf(handles.remove(index as number), resource);
    if (handle.lends > 0) throw new Trap('A resource was dropped while it is lent.');
    if (handle.own) return destroy(handle.rep);
    handle.scope?.returned();
    return undefined;
  };
}
