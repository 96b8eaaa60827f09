import type { Codec } from '../abi/codec.ts';
import { liftResult, lowerParams, type Params } from '../abi/flat.ts';
import type { CanonOptions } from '../plan.ts';
import { checkEntry, type ComponentState } from './component-state.ts';
import type { Instance } from './instance.ts';
import { Task, type CallSite } from './task.ts';

export type CoreFunction = (...flat: readonly unknown[]) => unknown;

/** Something that a guest, or the host, can call: by a component, or by the host itself. */
export interface Callable {
  /** Starts a call. What it returns can be cancelled, until the site is told of its end; null where that is not possible. */
  call(site: CallSite): Task | null;
}

/** What a lifted function needs of core wasm; made when it is first called, as its parts may come late. */
export interface LiftedParts {
  readonly core: CoreFunction;
  readonly callback: CoreFunction | null;
  readonly postReturn: CoreFunction | null;
  readonly params: Params;
  readonly result: Codec | null;
}

/** A function that a component lifts out of core wasm. */
export class Lifted implements Callable {
  readonly name: string;
  readonly component: ComponentState;
  readonly asyncType: boolean;
  readonly options: CanonOptions;
  /** Index of the result's type; null where there is none. */
  readonly resultType: number | null;
  readonly #instance: Instance;
  readonly #prepare: () => LiftedParts;
  #parts: LiftedParts | null = null;

  constructor(
    instance: Instance,
    component: ComponentState,
    what: { name: string; asyncType: boolean; options: CanonOptions; resultType: number | null },
    prepare: () => LiftedParts,
  ) {
    this.#instance = instance;
    this.component = component;
    this.name = what.name;
    this.asyncType = what.asyncType;
    this.options = what.options;
    this.resultType = what.resultType;
    this.#prepare = prepare;
  }

  get callback(): number | null {
    return this.options.callback;
  }

  call(site: CallSite): Task {
    const task = new Task(this.#instance, this, site);
    checkEntry(this.component, site.caller);
    task.start();
    return task;
  }

  /** Runs the core function with the task's arguments. */
  enter(task: Task): void {
    const parts = (this.#parts ??= this.#prepare());
    const { component, options } = this;
    const args = task.site.args();
    this.#instance.run(
      task,
      () => {
        component.scope = task;
        return parts.core(...lowerParams(parts.params, args));
      },
      (result) => {
        if (options.callback !== null) task.next(result as number);
        else if (options.async) task.exit();
        else this.#returned(task, parts, result);
      },
    );
  }

  runCallback(task: Task, event: number, index: number, payload: number): void {
    const callback = this.#parts!.callback!;
    this.#instance.run(
      task,
      () => callback(event, index, payload),
      (packed) => task.next(packed as number),
    );
  }

  /** A synchronous function has returned: its result is lifted before the guest may free it. */
  #returned(task: Task, { result, postReturn }: LiftedParts, flat: unknown): void {
    task.resolve(result === null ? undefined : liftResult(result, flat));
    if (postReturn !== null) {
      const { component } = this;
      component.mayLeave = false;
      this.#instance.within(task, () => postReturn(...(flat === undefined ? [] : [flat])));
      component.mayLeave = true;
    }
    task.exit();
  }
}
