import { errorCodeOf, type ErrorCode } from '../http/error-code.ts';
import { Fields } from '../http/fields.ts';
import { Pollable } from '../io/poll.ts';
import { Arrival, type Readiness } from '../io/readiness.ts';
import { err, ERR, ok, type Result } from '../values/result.ts';
import type { BodySource } from './body-source.ts';

/** Gives the trailers that came after a body, once that has ended. */
export type PlatformTrailers = () => Promise<Headers | null>;

type Trailers = Result<Fields | undefined, ErrorCode>;

const NO_TRAILERS: Trailers = ok(undefined);

/** `future-trailers` of wasi:http. They come after the body: what the guest has left of that is read for them, if it asks. */
export class FutureTrailers implements Readiness {
  readonly #body: BodySource;
  readonly #platform: PlatformTrailers | undefined;
  readonly #arrival = new Arrival();
  #trailers: Trailers | null = null;
  #asked = false;
  #got = false;

  constructor(body: BodySource, platform: PlatformTrailers | undefined) {
    this.#body = body;
    this.#platform = platform;
  }

  get ready(): boolean {
    this.#ask();
    return this.#trailers !== null;
  }

  wait(wake: () => void): () => void {
    this.#ask();
    return this.#arrival.wait(wake);
  }

  subscribe(): Pollable {
    return new Pollable(this);
  }

  /** undefined: not yet. */
  get(): Result<Trailers, undefined> | undefined {
    this.#ask();
    if (this.#trailers === null) return undefined;
    if (this.#got) return ERR;
    this.#got = true;
    return ok(this.#trailers);
  }

  [Symbol.dispose](): void {
    this.#body.close();
  }

  #ask(): void {
    if (this.#asked) return;
    this.#asked = true;
    const { ended, failure } = this.#body;
    if (failure !== null) this.#trailers = err(failure.code);
    else if (ended && this.#platform === undefined) this.#trailers = NO_TRAILERS;
    else void this.#read();
  }

  async #read(): Promise<void> {
    try {
      while ((await this.#body.read()) !== null);
      const headers = (await this.#platform?.()) ?? null;
      this.#trailers = headers === null ? NO_TRAILERS : ok(Fields.of(headers));
    } catch (error) {
      this.#trailers = err(errorCodeOf(error));
    }
    this.#arrival.arrive();
  }
}
