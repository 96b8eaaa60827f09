import type { Quotas } from './quotas.ts';
import { BindingError } from './binding-error.ts';

interface Bucket {
  perSecond: number;
  left: number;
  /** When that was so, in milliseconds. */
  at: number;
}

/** Buckets that are kept before those that are full again are let go. */
const MANY = 10_000;

/**
 * How many operations a second functions have their bindings do: each function and binding has a bucket, which holds those
 * of one second, and fills again as time goes.
 */
export class Rates {
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes one operation. @throws {BindingError} `quota-exceeded` where none is left, and says when there is one again */
  take(of: string, title: string, perSecond: number): void {
    if (perSecond === Infinity) return;
    const now = this.#now();
    const bucket = this.#buckets.get(of) ?? this.#open(of, { perSecond, left: perSecond, at: now });
    // A clock that is put back gives nothing.
    const passed = Math.max(0, now - bucket.at) / 1000;
    bucket.left = Math.min(perSecond, bucket.left + passed * perSecond);
    bucket.perSecond = perSecond;
    bucket.at = now;
    if (bucket.left >= 1) {
      bucket.left--;
      return;
    }
    const wait = Math.ceil(((1 - bucket.left) * 1000) / perSecond) / 1000;
    throw new BindingError(`${title}: more than ${perSecond} operations a second. Try again in ${wait} s.`, {
      name: 'QuotaExceededError',
      code: 'quota-exceeded',
    });
  }

  #open(of: string, bucket: Bucket): Bucket {
    if (this.#buckets.size >= MANY)
      for (const [each, { perSecond, left, at }] of this.#buckets)
        if (left + ((bucket.at - at) / 1000) * perSecond >= perSecond) this.#buckets.delete(each);
    this.#buckets.set(of, bucket);
    return bucket;
  }
}

/** What a host knows of a binding that is called. */
export interface Owned {
  readonly function: string;
  readonly name: string;
  /** That its manifest asks for at most. */
  readonly operations: number | null;
}

/** Takes an operation of a function's binding: of those that the host allows, or its manifest, whichever is less. @throws as `take` */
export function admitIn(rates: Rates, { function: owner, name, operations }: Owned, quotas: Quotas | undefined): void {
  rates.take(`${owner}/${name}`, name, Math.min(quotas?.operations ?? Infinity, operations ?? Infinity));
}
