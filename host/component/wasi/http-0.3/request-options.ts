import type { HostInterface } from '../../host.ts';
import { err, OK, type Result } from '../values/result.ts';

const IMMUTABLE = err({ tag: 'immutable' });
const NAMES = ['connect-timeout', 'first-byte-timeout', 'between-bytes-timeout'] as const;

type Name = (typeof NAMES)[number];

/** Nanoseconds that a request may take for each of its parts. */
export class RequestOptions {
  readonly #times: Map<Name, bigint>;
  #immutable = false;

  constructor(times: Iterable<readonly [Name, bigint]> = []) {
    this.#times = new Map(times);
  }

  get(name: Name): bigint | undefined {
    return this.#times.get(name);
  }

  set(name: Name, time: bigint | undefined): Result<undefined, unknown> {
    if (this.#immutable) return IMMUTABLE;
    if (time === undefined) this.#times.delete(name);
    else this.#times.set(name, time);
    return OK;
  }

  clone(): RequestOptions {
    return new RequestOptions(this.#times);
  }

  freeze(): void {
    this.#immutable = true;
  }

  /** As timers want it; null where there is none, or one longer than any timer. */
  milliseconds(name: Name): number | null {
    const time = this.#times.get(name);
    if (time === undefined) return null;
    const ms = Math.ceil(Number(time) / 1e6);
    return ms < 2 ** 31 ? ms : null;
  }
}

export const requestOptions: HostInterface = {
  '[constructor]request-options': () => new RequestOptions(),
  '[method]request-options.clone': (options: RequestOptions) => options.clone(),
  ...Object.fromEntries(
    NAMES.flatMap((name) => [
      [`[method]request-options.get-${name}`, (options: RequestOptions) => options.get(name)],
      [`[method]request-options.set-${name}`, (options: RequestOptions, time: bigint | undefined) => options.set(name, time)],
    ]),
  ),
};
