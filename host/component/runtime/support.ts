import { slotName, SUPPORT } from '../core/support.ts';
import type { Instance } from './instance.ts';
import { suspendable } from './jspi.ts';
import type { CoreFunction } from './lifted.ts';

/** The instance of the module of ours that stands between a component's core modules and the host: `plan.support`. */
export class Support {
  readonly #exports: WebAssembly.Exports | null;

  /** @param functionOf gives a core function by its index */
  constructor(instance: Instance, modules: readonly WebAssembly.Module[], functionOf: (index: number) => CoreFunction) {
    const { support, suspends } = instance.plan;
    if (support === null) {
      this.#exports = null;
      return;
    }
    const attempt: WebAssembly.ModuleImports = {};
    const wait: WebAssembly.ModuleImports = {};
    for (const { function: index, wide } of suspends.functions) {
      const gate = gateOf(
        () => functionOf(index),
        wide ? 0n : 0,
        () => late,
      );
      attempt[index] = gate.attempt as () => unknown;
      wait[index] = gate.wait;
    }
    const { exports } = new WebAssembly.Instance(modules[support]!, { [SUPPORT.attempt]: attempt, [SUPPORT.wait]: wait });
    const late = exports[SUPPORT.late] as WebAssembly.Global<'i32'>;
    this.#exports = exports;
    for (const component of instance.components) {
      component.swap0 = (exports[slotName(component.index, 0)] as Swap | undefined) ?? component.swap0;
      component.swap1 = (exports[slotName(component.index, 1)] as Swap | undefined) ?? component.swap1;
    }
  }

  /** A core function that goes through the module; undefined where it does not. */
  function(index: number): WebAssembly.ImportValue | undefined {
    return this.#exports?.[index] as WebAssembly.ImportValue | undefined;
  }
}

type Swap = (value: number) => number;

/**
 * The host's two sides of a gate.
 *
 * @param nothing what wasm gets while the result is yet to come
 * @param late tells wasm whether it is
 */
function gateOf(
  functionOf: () => CoreFunction,
  nothing: 0 | 0n,
  late: () => WebAssembly.Global<'i32'>,
): { readonly attempt: CoreFunction; readonly wait: () => unknown } {
  let fn: CoreFunction | null = null;
  let pending: unknown = null;
  return {
    attempt: (...flat) => {
      fn ??= functionOf();
      const value = fn(...flat);
      if (!(value instanceof Promise)) return value;
      pending = value;
      late().value = 1;
      return nothing;
    },
    wait: suspendable(() => {
      late().value = 0;
      const value = pending;
      pending = null;
      return value;
    }),
  };
}
