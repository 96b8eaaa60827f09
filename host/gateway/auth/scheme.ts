import type { Principal } from '../../../sdk/context.ts';
import { BrinkError } from '../../errors.ts';
import type { GatewayCall } from '../call.ts';

/** One way to say who is calling. */
export interface Scheme {
  /** What a client is told that has to say who it is: a challenge (RFC 9110, section 11.3); null where there is none for the scheme. */
  readonly challenge: string | null;
  /**
   * Who it is; null where the request says nothing in this way. A response is an answer in place of the function's.
   *
   * @throws {BrinkError} `credentials-invalid`, `auth-unavailable`
   */
  check(call: GatewayCall): Principal | Response | null | Promise<Principal | Response | null>;
}

/** What was shown is wrong. It says no more than the client knows itself, and nothing of the secret. */
export function invalid(why: string): BrinkError {
  return new BrinkError('credentials-invalid', `The credentials of this request are not accepted: ${why}.`);
}

/** What they would be judged by cannot be had. */
export function unavailable(why: string, cause?: unknown): BrinkError {
  return new BrinkError('auth-unavailable', `It cannot be found out now who is calling: ${why}.`, { cause, details: { retryAfter: 5 } });
}

/** RFC 6750, section 2.1; the name of a scheme has no case. */
export function bearerOf(value: string): string | null {
  return /^bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(value.trim())?.[1] ?? null;
}
