import type { Body, Methods, Outcome, Result, WireAnswer, WireCall } from '../binding.ts';
import { BindingError } from '../binding-error.ts';

/** Calls a method of a binding, wherever it runs. @throws {BindingError} */
export type Ask = (method: string, args: readonly unknown[], body?: Body) => Promise<Result>;

export function askOf(methods: Methods): Ask {
  return async (method, args, body = null) => methods[method]!(args, body);
}

/** Of a binding that is elsewhere. */
export function askBy(call: (call: WireCall) => Promise<WireAnswer>): Ask {
  return async (method, args, body = null) => {
    const { text, body: out } = await call({ method, args: JSON.stringify(args), body });
    const outcome = JSON.parse(text) as Outcome;
    if ('error' in outcome) throw new BindingError(outcome.error.message, outcome.error);
    return { value: outcome.value, body: out };
  };
}
