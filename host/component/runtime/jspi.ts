import type { CoreFunction } from './lifted.ts';

/** JavaScript Promise Integration, which the types of WebAssembly lack yet: https://webassembly.github.io/js-promise-integration/ */
interface Jspi {
  readonly Suspending: new (fn: CoreFunction) => () => unknown;
  readonly promising: (fn: CoreFunction) => CoreFunction;
}

const { Suspending, promising } = WebAssembly as unknown as Jspi;

/** To be imported by a guest: a promise that it returns suspends the guest's stack, up to where that was entered. */
export function suspendable(fn: CoreFunction): () => unknown {
  return new Suspending(fn);
}

/** Enters a guest on a stack that can be suspended: returns a promise of the result, always. */
export function entered(fn: CoreFunction): CoreFunction {
  return promising(fn);
}
