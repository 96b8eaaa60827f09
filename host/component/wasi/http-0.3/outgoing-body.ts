import { concat } from '../../../bytes.ts';
import type { Pending, Source } from '../../host.ts';
import { HttpError, type ErrorCode } from '../http/error-code.ts';
import type { Fields } from '../http/fields.ts';
import type { Deferred } from '../values/pending.ts';
import { err, ok, OK, type Result } from '../values/result.ts';
import type { TrailersResult } from './incoming-body.ts';

export type Transmission = Result<undefined, ErrorCode>;

const NO_TRAILERS: TrailersResult = ok(undefined);

/** Whom a body is for wants no more of it, and may have answered for all that. */
export const UNWANTED: ErrorCode = { tag: 'connection-terminated' };

export interface OutgoingBodyOptions {
  readonly trailers: Pending<TrailersResult>;
  /** What `content-length` says; null where it is not there. */
  readonly length: number | null;
  /** For a body that is longer or shorter than that. */
  readonly sizeError: 'HTTP-request-body-size' | 'HTTP-response-body-size';
  /** Told how it went, where someone wants to know. */
  readonly sent: Deferred<Transmission> | null;
  /** Told the trailers, before the end. */
  readonly onTrailers?: (trailers: Fields | undefined) => void;
}

/**
 * A body that a guest writes, on its way out: first gathered, as small ones are best sent whole, then a stream that
 * asks the guest for more when it is asked itself.
 */
export class OutgoingBody {
  readonly #contents: Source;
  readonly #options: OutgoingBodyOptions;
  readonly #chunks: Uint8Array<ArrayBuffer>[] = [];
  #buffered = 0;
  #total = 0;
  #limit = 0;
  #reading = false;
  /** Its end has come, and maybe not yet its trailers. */
  #closed = false;
  /** What comes after it, which a guest may say before it ends the body. */
  #after: TrailersResult | null = null;
  #outcome: Transmission | null = null;
  #progress: (() => void) | null = null;

  constructor(contents: Source, options: OutgoingBodyOptions) {
    this.#contents = contents;
    this.#options = options;
    const follow = (result: TrailersResult) => {
      this.#after = result;
      this.#finish();
    };
    options.trailers.read(follow, () => follow(NO_TRAILERS));
  }

  /** How it ended; null while it has not. */
  get outcome(): Transmission | null {
    return this.#outcome;
  }

  get full(): boolean {
    return this.#buffered >= this.#limit;
  }

  /**
   * Reads until there are so many bytes, or it ends.
   *
   * @param done called then
   */
  gather(limit: number, done?: () => void): void {
    this.#limit = limit;
    if (done !== undefined)
      this.#progress = () => {
        if (!this.full && this.#outcome === null) return;
        this.#progress = null;
        done();
      };
    this.#pull();
  }

  /** All of it, once it has ended. */
  bytes(): Uint8Array<ArrayBuffer> | null {
    return this.#chunks.length <= 1 ? (this.#chunks[0] ?? null) : concat(this.#chunks);
  }

  /** What has been gathered, and then the rest. */
  stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        pull: (controller) => this.#give(controller),
        cancel: () => this.fail(UNWANTED),
      },
      { highWaterMark: 0 },
    );
  }

  /** Ends it early: no more of it is wanted, or will come. */
  fail(code: ErrorCode): void {
    if (this.#outcome !== null) return;
    this.#chunks.length = 0;
    if (!this.#closed) {
      this.#contents.cancel();
      this.#options.trailers.cancel();
    }
    this.#settle(err(code));
  }

  #give(controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): Promise<void> | undefined {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#buffered -= chunk.length;
      controller.enqueue(chunk);
      if (this.#chunks.length === 0 && this.#outcome?.tag === 'ok') controller.close();
      return undefined;
    }
    if (this.#outcome?.tag === 'ok') {
      controller.close();
      return undefined;
    }
    if (this.#outcome !== null) {
      controller.error(new HttpError(this.#outcome.val));
      return undefined;
    }
    return new Promise((resolve) => {
      this.#progress = () => {
        this.#progress = null;
        this.#limit = 0;
        resolve(this.#give(controller));
      };
      this.#limit = 1;
      this.#pull();
    });
  }

  #pull(): void {
    if (this.#reading || this.#closed || this.#outcome !== null || this.full) return;
    this.#reading = true;
    this.#contents.read((chunk) => {
      this.#reading = false;
      if (this.#outcome !== null) return;
      if (chunk === null) this.#close();
      else this.#take(chunk as Uint8Array<ArrayBuffer>);
    });
  }

  #take(chunk: Uint8Array<ArrayBuffer>): void {
    const { length, sizeError } = this.#options;
    this.#total += chunk.length;
    if (length !== null && this.#total > length) return this.fail({ tag: sizeError, val: BigInt(this.#total) });
    if (chunk.length > 0) {
      this.#chunks.push(chunk);
      this.#buffered += chunk.length;
      this.#progress?.();
    }
    this.#pull();
  }

  #close(): void {
    this.#closed = true;
    const { length, sizeError } = this.#options;
    if (length !== null && this.#total < length) return this.fail({ tag: sizeError, val: BigInt(this.#total) });
    this.#finish();
  }

  #finish(): void {
    if (!this.#closed || this.#after === null || this.#outcome !== null) return;
    if (this.#after.tag === 'err') return this.fail(this.#after.val);
    this.#options.onTrailers?.(this.#after.val);
    this.#settle(OK);
  }

  #settle(outcome: Transmission): void {
    if (this.#outcome !== null) return;
    this.#outcome = outcome;
    this.#options.sent?.resolve(outcome);
    this.#progress?.();
  }
}
