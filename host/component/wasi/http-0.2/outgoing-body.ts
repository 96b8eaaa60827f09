import { Trap } from '../../trap.ts';
import { HttpError, type ErrorCode } from '../http/error-code.ts';
import type { Fields } from '../http/fields.ts';
import type { Bytes } from '../io/byte-reader.ts';
import { OutputStream, type ByteSink, type SinkEnd } from '../io/output-stream.ts';
import { err, ERR, ok, OK, type Result } from '../values/result.ts';
import type { BodySink } from './body-sink.ts';

/** `outgoing-body` of wasi:http. */
export class OutgoingBody {
  readonly #sink: BodySink;
  readonly #onTrailers: (trailers: Fields | undefined) => void;
  #stream: BodyWriter | null = null;
  #over = false;

  /** @param onTrailers told what the guest sends after the body, before the body ends */
  constructor(sink: BodySink, onTrailers: (trailers: Fields | undefined) => void) {
    this.#sink = sink;
    this.#onTrailers = onTrailers;
  }

  write(): Result<OutputStream, undefined> {
    if (this.#stream !== null) return ERR;
    this.#stream = new BodyWriter(this.#sink);
    return ok(new OutputStream(this.#stream));
  }

  /** @throws {Trap} while the guest has its stream */
  finish(trailers: Fields | undefined): Result<undefined, ErrorCode> {
    if (this.#stream?.lent === true) throw new Trap('The guest finishes a body whose stream it still has.');
    this.#over = true;
    this.#onTrailers(trailers);
    const wrong = this.#sink.finish();
    return wrong === null ? OK : err(wrong);
  }

  /** One that is dropped is not to be taken for whole. */
  [Symbol.dispose](): void {
    if (!this.#over)
      this.#sink.fail(new HttpError({ tag: 'HTTP-protocol-error' }, { cause: new Error('The guest dropped the body unfinished.') }));
  }
}

/** The sink of a body, as its stream has it. */
class BodyWriter implements ByteSink {
  readonly #sink: BodySink;
  /** Whether the guest has the stream. */
  lent = true;

  constructor(sink: BodySink) {
    this.#sink = sink;
  }

  get ended(): SinkEnd | null {
    return this.#sink.ended;
  }

  get ready(): boolean {
    return this.#sink.ready;
  }

  get room(): number {
    return this.#sink.room;
  }

  wait(wake: () => void): () => void {
    return this.#sink.wait(wake);
  }

  write(bytes: Bytes): SinkEnd | null {
    return this.#sink.write(bytes);
  }

  release(): void {
    this.lent = false;
  }
}
