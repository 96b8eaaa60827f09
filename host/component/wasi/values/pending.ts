import type { Pending } from '../../host.ts';

/** A future whose value is there. */
export function settled<T>(value: T): Pending<T> {
  return {
    read(done) {
      done(value);
    },
    cancel() {},
  };
}

/** A future whose value comes once; what is resolved after that is ignored. */
export class Deferred<T> implements Pending<T> {
  #value: { readonly value: T } | null = null;
  #reader: ((value: T) => void) | null = null;

  get resolved(): boolean {
    return this.#value !== null;
  }

  resolve(value: T): void {
    if (this.#value !== null) return;
    this.#value = { value };
    const reader = this.#reader;
    this.#reader = null;
    reader?.(value);
  }

  read(done: (value: T) => void): void {
    if (this.#value !== null) done(this.#value.value);
    else this.#reader = done;
  }

  cancel(): void {
    this.#reader = null;
  }
}
