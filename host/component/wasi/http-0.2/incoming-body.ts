import { Trap } from '../../trap.ts';
import type { Bytes } from '../io/byte-reader.ts';
import { InputStream } from '../io/input-stream.ts';
import { ERR, ok, type Result } from '../values/result.ts';
import { BodySource, type BodySourceOptions } from './body-source.ts';
import { FutureTrailers, type PlatformTrailers } from './future-trailers.ts';

export interface IncomingBodyOptions extends BodySourceOptions {
  /** Trailers that the platform has read, once the body has ended. */
  readonly trailers?: PlatformTrailers | undefined;
}

/** `incoming-body` of wasi:http. */
export class IncomingBody {
  readonly #source: BodySource;
  readonly #trailers: PlatformTrailers | undefined;
  #taken = false;
  #over = false;

  /** @param open gives the stream when it is first wanted; null: there is no body */
  constructor(open: () => ReadableStream<Bytes> | null, options: IncomingBodyOptions = {}) {
    this.#source = new BodySource(open, options);
    this.#trailers = options.trailers;
  }

  stream(): Result<InputStream, undefined> {
    if (this.#taken) return ERR;
    this.#taken = true;
    this.#source.lent = true;
    return ok(new InputStream(this.#source));
  }

  /** @throws {Trap} while the guest has its stream */
  finish(): FutureTrailers {
    if (this.#source.lent) throw new Trap('incoming-body.finish was called while the stream of the body is still there.');
    this.#over = true;
    return new FutureTrailers(this.#source, this.#trailers);
  }

  [Symbol.dispose](): void {
    if (!this.#over) this.#source.close();
  }
}
