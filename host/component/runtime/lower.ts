import type { Codec } from '../abi/codec.ts';
import { liftParams, lowerResult, MAX_FLAT_ASYNC_PARAMS, MAX_FLAT_PARAMS, MAX_FLAT_RESULTS, type Params } from '../abi/flat.ts';
import type { ComponentState } from './component-state.ts';
import type { Instance } from './instance.ts';
import type { Callable, CoreFunction } from './lifted.ts';
import { SUBTASK, Subtask } from './subtask.ts';
import type { Task } from './task.ts';

/** What a lowered function needs of its caller's memory; made when it is first called, as that may come late. */
export interface LoweredParts {
  readonly params: Params;
  readonly result: Codec | null;
}

/** A call of another component that waits for its end: the caller's stack is suspended where it does not come at once. */
export function lowerSync(
  instance: Instance,
  component: ComponentState,
  callee: Callable,
  asyncType: boolean,
  prepare: () => LoweredParts,
): CoreFunction {
  let parts: LoweredParts | null = null;
  return (...flat) => {
    instance.check(component);
    const { params, result } = (parts ??= prepare());
    const subtask = new Subtask();
    let value: unknown;
    const task = callee.call({
      caller: component,
      invocation: instance.current!.invocation,
      args: () => {
        component.scope = subtask;
        return liftParams(params, flat, MAX_FLAT_PARAMS);
      },
      resolve: (resolved) => {
        value = resolved;
        subtask.state = SUBTASK.returned;
        subtask.notify();
      },
      cancelled: () => undefined,
    });
    const finish = () => {
      subtask.deliver();
      return lowerResult(result, value, flat, MAX_FLAT_RESULTS);
    };
    if (subtask.resolved) return task?.unsettled === true ? instance.untilSettled(task, finish) : finish();
    if (asyncType) instance.checkBlock();
    return instance.suspend((go) => (subtask.waiter = go), finish);
  };
}

/** A call of another component that returns at once, with a subtask where its end is yet to come. */
export function lowerAsync(instance: Instance, component: ComponentState, callee: Callable, prepare: () => LoweredParts): CoreFunction {
  let parts: LoweredParts | null = null;
  return (...flat) => {
    instance.check(component);
    const { params, result } = (parts ??= prepare());
    const subtask = new Subtask();
    const progress = (state: number) => {
      subtask.state = state;
      if (subtask.index !== 0) subtask.notify();
    };
    const task = callee.call({
      caller: component,
      invocation: instance.current!.invocation,
      args: () => {
        progress(SUBTASK.started);
        component.scope = subtask;
        return liftParams(params, flat, MAX_FLAT_ASYNC_PARAMS);
      },
      resolve: (value) => {
        lowerResult(result, value, flat, 0);
        progress(SUBTASK.returned);
      },
      cancelled: () => progress(subtask.state === SUBTASK.starting ? SUBTASK.cancelledBeforeStarted : SUBTASK.cancelledBeforeReturned),
    });
    if (task === null || !task.unsettled) return begun(component, subtask, task);
    return instance.untilSettled(task, () => begun(component, subtask, task));
  };
}

/** What a caller gets that does not wait: the end of its call, where that has come, or a subtask. */
function begun(component: ComponentState, subtask: Subtask, task: Task | null): number {
  if (subtask.resolved) {
    subtask.deliver();
    return SUBTASK.returned;
  }
  subtask.task = task;
  if (task !== null) subtask.cancel = () => task.requestCancel();
  subtask.index = component.handles.add(subtask);
  return subtask.state | (subtask.index << 4);
}
