import { toBrinkError } from '../../errors.ts';
import type { CallFailure } from './failure.ts';

/** What a calling function is told: what the callee threw itself comes through; the host's own errors have their code. */
export function toldOf(error: unknown): CallFailure {
  const { code, message, cause } = toBrinkError(error);
  const thrown = code === 'handler-threw' || code === 'response-invalid' || code === 'handler-missing';
  if (thrown && isThrown(cause)) return { text: cause.message };
  return { text: `Error: ${message}`, code };
}

/** As engines write down what a handler threw. */
function isThrown(cause: unknown): cause is { readonly message: string } {
  return typeof cause === 'object' && cause !== null && 'message' in cause && typeof cause.message === 'string';
}
