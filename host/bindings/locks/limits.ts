import { BindingError } from '../binding-error.ts';
import type { Mode } from './record.ts';

/** Bytes of UTF-8. */
export const MAX_NAME = 512;
/** Holders and waiters of one lock. */
export const MAX_CLAIMS = 1_000;
export const DEFAULT_TTL = 30_000;
export const MIN_TTL = 1_000;
export const MAX_TTL = 600_000;
const MAX_CLIENT = 64;

const utf8 = new TextEncoder();

export interface Wanted {
  readonly mode: Mode;
  readonly ifAvailable: boolean;
  readonly steal: boolean;
  readonly ttl: number;
  readonly client: string;
}

/** @throws {BindingError} */
export function checkedName(name: unknown): string {
  if (typeof name !== 'string') throw wrong('The name of a lock is a string.');
  const whole = name.toWellFormed();
  const bytes = whole.length * 3 <= MAX_NAME ? 0 : utf8.encode(whole.slice(0, MAX_NAME + 1)).byteLength;
  if (bytes > MAX_NAME) throw wrong(`The name of a lock has more than ${MAX_NAME} bytes of UTF-8.`);
  return whole;
}

/** What a cell sent along. @throws {BindingError} */
export function checkedWish(how: unknown): Wanted {
  const { mode = 'exclusive', ifAvailable = false, steal = false, ttl = DEFAULT_TTL, client = '' } = Object(how) as Record<string, unknown>;
  if (mode !== 'exclusive' && mode !== 'shared') throw wrong('mode is "exclusive" or "shared".');
  if (typeof ttl !== 'number' || !(ttl >= MIN_TTL && ttl <= MAX_TTL))
    throw new BindingError(`ttl is ${MIN_TTL} to ${MAX_TTL} milliseconds.`, { name: 'RangeError' });
  if (typeof client !== 'string' || client.length > MAX_CLIENT) throw wrong('A client is named by a short string.');
  if (steal === true && (ifAvailable === true || mode === 'shared')) throw wrong('steal goes with neither ifAvailable nor "shared".');
  return { mode, ifAvailable: ifAvailable === true, steal: steal === true, ttl: Math.trunc(ttl), client };
}

function wrong(message: string): BindingError {
  return new BindingError(message, { name: 'TypeError' });
}
