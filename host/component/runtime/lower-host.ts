import { liftParams, lowerResult, MAX_FLAT_ASYNC_PARAMS, MAX_FLAT_PARAMS, MAX_FLAT_RESULTS, type Params } from '../abi/flat.ts';
import type { HostCall, HostFunction } from '../host.ts';
import type { ComponentState } from './component-state.ts';
import type { Instance } from './instance.ts';
import type { CoreFunction } from './lifted.ts';
import type { LoweredParts } from './lower.ts';
import { SUBTASK, Subtask } from './subtask.ts';

/** What these need to know of an imported function. */
export interface Imported {
  /** `wasi:http/types.[method]fields.get` */
  readonly name: string;
  readonly host: HostFunction;
  /** Whether it borrows handles while it runs. */
  readonly borrows: boolean;
}

/** Calls a function of the host with what the guest has passed. Most take one thing or two, for which no list is made. */
function invoke(host: HostFunction, call: HostCall, params: Params, flat: readonly unknown[]): unknown {
  const { codecs, places } = params;
  if (params.flat.length <= MAX_FLAT_PARAMS) {
    if (codecs.length === 1) return host.call(call, codecs[0]!.lift(flat, places[0]!));
    if (codecs.length === 2) return host.call(call, codecs[0]!.lift(flat, places[0]!), codecs[1]!.lift(flat, places[1]!));
  }
  return host.apply(call, liftParams(params, flat, MAX_FLAT_PARAMS));
}

/** A function of the host that gives its result at once. */
export function hostSync(
  instance: Instance,
  component: ComponentState,
  { name, host }: Imported,
  prepare: () => LoweredParts,
): CoreFunction {
  let parts: LoweredParts | null = null;
  return (...flat) => {
    instance.check(component);
    const { params, result } = (parts ??= prepare());
    component.scope = null;
    instance.lastCall = name;
    const value = invoke(host, instance.hostCall, params, flat);
    return lowerResult(result, value, flat, MAX_FLAT_RESULTS);
  };
}

/** A function of the host that may make the guest wait, its stack suspended. */
export function hostBlocking(
  instance: Instance,
  component: ComponentState,
  { name, host }: Imported,
  asyncType: boolean,
  prepare: () => LoweredParts,
): CoreFunction {
  let parts: LoweredParts | null = null;
  return (...flat) => {
    instance.check(component);
    const { params, result } = (parts ??= prepare());
    const scope = new Subtask();
    component.scope = scope;
    instance.lastCall = name;
    const value = invoke(host, instance.hostCall, params, flat);
    const finish = (outcome: unknown) => {
      scope.deliver();
      return lowerResult(result, outcome, flat, MAX_FLAT_RESULTS);
    };
    if (!(value instanceof Promise)) return finish(value);
    if (asyncType) instance.checkBlock();
    let settled: () => unknown = () => undefined;
    return instance.suspend(
      (go) => {
        value.then(
          (outcome: unknown) => {
            settled = () => finish(outcome);
            go();
          },
          (error: unknown) => {
            settled = () => {
              throw error;
            };
            go();
          },
        );
      },
      () => settled(),
    );
  };
}

/** A function of the host behind an async import: a subtask where it returns a promise. */
export function hostAsync(
  instance: Instance,
  component: ComponentState,
  { name, host, borrows }: Imported,
  prepare: () => LoweredParts,
): CoreFunction {
  let parts: LoweredParts | null = null;
  return (...flat) => {
    instance.check(component);
    const { params, result } = (parts ??= prepare());
    let subtask = borrows ? new Subtask() : null;
    component.scope = subtask;
    instance.lastCall = name;
    const call = new AsyncCall(instance.hostCall);
    const value: unknown = host.apply(call, liftParams(params, flat, MAX_FLAT_ASYNC_PARAMS) as unknown[]);
    if (!(value instanceof Promise)) {
      subtask?.deliver();
      lowerResult(result, value, flat, 0);
      return SUBTASK.returned;
    }
    const pending = (subtask ??= new Subtask());
    pending.state = SUBTASK.started;
    pending.cancel = () => {
      call.abort();
      pending.state = SUBTASK.cancelledBeforeReturned;
      pending.notify();
    };
    pending.index = component.handles.add(pending);
    const { epoch } = instance;
    value.then(
      (outcome: unknown) => {
        if (pending.resolved || instance.dead !== null || instance.epoch !== epoch) return;
        try {
          lowerResult(result, outcome, flat, 0);
        } catch (error) {
          instance.fail(error);
          return;
        }
        pending.state = SUBTASK.returned;
        pending.notify();
      },
      (error: unknown) => {
        if (!pending.resolved && instance.epoch === epoch) instance.fail(error);
      },
    );
    return pending.state | (pending.index << 4);
  };
}

/** Makes a signal of its own only for functions that ask for one. */
class AsyncCall implements HostCall {
  readonly #outer: HostCall;
  #controller: AbortController | null = null;
  #aborted = false;

  constructor(outer: HostCall) {
    this.#outer = outer;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#aborted) this.#controller.abort();
    return AbortSignal.any([this.#outer.signal, this.#controller.signal]);
  }

  abort(): void {
    this.#aborted = true;
    this.#controller?.abort();
  }
}
