import type { Chunk, Source } from '../../host.ts';
import { Deferred } from '../values/pending.ts';
import { err, ok, type Result } from '../values/result.ts';
import type { ErrorCode } from '../http/error-code.ts';
import type { Fields } from '../http/fields.ts';
import type { BodyReader } from '../http/small-body.ts';

export type TrailersResult = Result<Fields | undefined, ErrorCode>;

type Bytes = ReadableStream<Uint8Array<ArrayBuffer>>;

export interface IncomingBodyOptions {
  /** What to tell of an error in the middle of the body. */
  readonly errorCode: (error: unknown) => ErrorCode;
  /** Gives a reader of a body that is better read in another way than as a stream; null where it is not. */
  readonly reader?: () => BodyReader | null;
  /** Milliseconds in which each chunk has to come. */
  readonly timeout?: { readonly first: number | null; readonly between: number | null; readonly code: ErrorCode };
  /** Trailers that the platform has read, once the body has ended. */
  readonly trailers?: () => Promise<Fields | undefined>;
}

/** A body that comes from outside, as the guest's stream; where nobody reads it, it goes on as it came. */
export class IncomingBody implements Source {
  readonly #open: () => Bytes | null;
  readonly #options: IncomingBodyOptions;
  #reader: BodyReader | null = null;
  #used = false;
  #first = true;
  /** Why the body has ended, and its trailers: there when it has. */
  readonly outcome = new Deferred<TrailersResult>();

  /** @param open gives the stream when it is first wanted; null: there is no body */
  constructor(open: () => Bytes | null, options: IncomingBodyOptions) {
    this.#open = open;
    this.#options = options;
  }

  /** The whole stream, if nothing of it has been read; it is the caller's from now on. */
  takeStream(): { readonly stream: Bytes | null } | null {
    if (this.#used) return null;
    this.#used = true;
    this.outcome.resolve(NO_TRAILERS);
    return { stream: this.#open() };
  }

  read(done: (chunk: Chunk | null) => void): void {
    this.#used = true;
    if (this.outcome.resolved) return done(null);
    const reader = (this.#reader ??= this.#options.reader?.() ?? this.#open()?.getReader() ?? null);
    if (reader === null) {
      done(null);
      return this.outcome.resolve(NO_TRAILERS);
    }
    const timer = this.#startTimer(reader, done);
    reader.read().then(
      ({ value }) => {
        clearTimeout(timer);
        if (this.outcome.resolved) return;
        this.#first = false;
        done(value ?? null);
        if (value === undefined) this.#end();
      },
      (error: unknown) => {
        clearTimeout(timer);
        if (!this.outcome.resolved) this.#fail(this.#options.errorCode(error), done);
      },
    );
  }

  cancel(): void {
    this.#used = true;
    this.outcome.resolve(NO_TRAILERS);
    const stream = this.#reader ?? this.#open();
    stream?.cancel().catch(() => undefined);
  }

  #startTimer(reader: BodyReader, done: (chunk: null) => void): ReturnType<typeof setTimeout> | undefined {
    const { timeout } = this.#options;
    const ms = this.#first ? timeout?.first : timeout?.between;
    if (timeout === undefined || ms === undefined || ms === null) return undefined;
    return setTimeout(() => {
      if (this.outcome.resolved) return;
      this.#fail(timeout.code, done);
      reader.cancel().catch(() => undefined);
    }, ms);
  }

  #fail(code: ErrorCode, done: (chunk: null) => void): void {
    const outcome = err(code);
    done(null);
    this.outcome.resolve(outcome);
  }

  #end(): void {
    const { trailers } = this.#options;
    if (trailers === undefined) return this.outcome.resolve(NO_TRAILERS);
    trailers().then(
      (fields) => this.outcome.resolve(ok(fields)),
      (error: unknown) => this.outcome.resolve(err(this.#options.errorCode(error))),
    );
  }
}

const NO_TRAILERS: TrailersResult = ok(undefined);
