import { BindingError } from '../binding-error.ts';
import { checkFence } from '../fence.ts';
import type { KeyTelling } from './changes.ts';
import { besideOf, textOf, valued } from './entry.ts';
import { failed } from './limits.ts';
import type { KvOptions } from './methods.ts';

const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
/** Of 64 bits, with its sign. */
const MAX_DIGITS = 20;
const utf8 = new TextEncoder();
const text = new TextDecoder();

/**
 * Has the increments of one key wait for each other. Their order is the store's to keep, by revisions; but of many that come
 * at once only one would get on each time, and all others would try again.
 */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  take<Value>(key: string, work: () => Promise<Value>): Promise<Value> {
    const turn = (this.#last.get(key) ?? Promise.resolve()).then(work);
    const ended = turn
      .catch(() => {})
      .then(() => {
        if (this.#last.get(key) === ended) this.#last.delete(key);
      });
    this.#last.set(key, ended);
    return turn;
  }
}

/** Adds to the number under a key, and gives the sum: tried again for as long as others come in between, of whom one always gets on. */
export async function incremented({
  store,
  now,
  key,
  name,
  by,
  fence,
  quota,
  told,
}: Omit<KvOptions, 'prefix'> & {
  key: string;
  name: string;
  by: unknown;
  fence: number | undefined;
  told: KeyTelling | null;
}): Promise<string> {
  const delta = numberOf(by);
  if (delta === null) throw new BindingError('increment() adds a whole number of 64 bits.', { name: 'TypeError' });
  for (;;) {
    const found = await store.get(key);
    const entry = valued(found);
    const { fence: remembered, gone: _gone, ...beside } = besideOf(found?.metadata);
    checkFence(remembered, fence);
    const current = entry === null ? 0n : numberOf(text.decode(entry.value.subarray(0, MAX_DIGITS + 1)));
    if (current === null) throw failed('INCREMENT', 409, `the value of ${JSON.stringify(name)} is no whole number of 64 bits.`);
    const sum = current + delta;
    if (sum < INT64.min || sum > INT64.max) throw new BindingError(`The sum ${sum} has more than 64 bits.`, { name: 'RangeError' });
    const { expiration } = beside;
    const metadata = textOf({ ...beside, fence: fence ?? remembered });
    const written = await store.put(key, utf8.encode(String(sum)), {
      ifRevision: found?.revision ?? 0,
      ...(metadata !== undefined && { metadata }),
      ...(quota !== undefined && { quota }),
      ...(told !== null && { note: told.note, keepExpired: told.expiry }),
      ...(expiration !== undefined && { ttl: Math.max(1, expiration * 1000 - now()) }),
    });
    if (written !== null) return String(sum);
  }
}

function numberOf(value: unknown): bigint | null {
  if (typeof value !== 'string' || value.length > MAX_DIGITS || !/^-?\d+$/.test(value)) return null;
  const number = BigInt(value);
  return number < INT64.min || number > INT64.max ? null : number;
}
