import { BrinkError } from '../errors.ts';

/** Those that a client can be told of; a function takes every other name that the platform's parser knows too. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** RFC 9110, section 15.5.6: it names the methods that there are. */
export function noMethod(why: string, allow: readonly string[] = METHODS): BrinkError {
  return new BrinkError('method-not-allowed', why, { details: { allow } });
}
