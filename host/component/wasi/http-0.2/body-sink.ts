import { concat } from '../../../bytes.ts';
import { HttpError, type ErrorCode } from '../http/error-code.ts';
import type { Bytes } from '../io/byte-reader.ts';
import type { SinkEnd } from '../io/output-stream.ts';
import { Waiters, type Readiness } from '../io/readiness.ts';

/** So much may be written ahead of who reads it. */
const BUFFER_BYTES = 64 * 1024;
/** So much before there is anyone who could: a guest may write all of a body before it sends the message. */
const EARLY_BYTES = 8 * 1024 * 1024;

/** For a body that is longer or shorter than its content-length. */
export type SizeError = 'HTTP-request-body-size' | 'HTTP-response-body-size';

type State = 'open' | 'finished' | 'closed' | Error;

/** A body that a guest writes, on its way out: first gathered, then a stream that gives what has been written since. */
export class BodySink implements Readiness {
  #chunks: Bytes[] = [];
  #buffered = 0;
  #total = 0;
  #promised: number | null;
  readonly #sizeError: SizeError;
  #state: State = 'open';
  #discards = false;
  #limit = EARLY_BYTES;
  /** The stream's reader waits for bytes. */
  #wanted: (() => void) | null = null;
  /** The guest waits for room. */
  readonly #room = new Waiters();
  /** Called when it is full or over: whoever gathers it need not wait any more. */
  onGathered: (() => void) | null = null;

  /** @param promised the content-length; null where there is none */
  constructor(promised: number | null, sizeError: SizeError) {
    this.#promised = promised;
    this.#sizeError = sizeError;
  }

  get ended(): SinkEnd | null {
    if (this.#state === 'open') return null;
    return this.#state instanceof Error ? { cause: this.#state } : 'closed';
  }

  get ready(): boolean {
    return this.#state !== 'open' || this.#buffered < this.#limit;
  }

  wait(wake: () => void): () => void {
    return this.#room.add(wake);
  }

  /** What went wrong with it, if something did. */
  get failure(): Error | null {
    return this.#state instanceof Error ? this.#state : null;
  }

  get gathered(): boolean {
    return this.#state !== 'open' || this.#buffered >= this.#limit;
  }

  get finished(): boolean {
    return this.#state === 'finished';
  }

  get room(): number {
    return this.#state === 'open' ? Math.max(0, this.#limit - this.#buffered) : 0;
  }

  write(bytes: Bytes): SinkEnd | null {
    this.#total += bytes.length;
    if (this.#promised !== null && this.#total > this.#promised) {
      this.fail(this.#wrongSize());
      return this.ended;
    }
    if (this.#discards) return null;
    this.#chunks.push(bytes);
    this.#buffered += bytes.length;
    if (this.#wanted !== null) this.#wake();
    else if (this.gathered) this.onGathered?.();
    return null;
  }

  /** Its end; or what is wrong with that. */
  finish(): ErrorCode | null {
    if (this.#state === 'closed') return null;
    if (this.#state !== 'open') return this.#state instanceof HttpError ? this.#state.code : null;
    if (this.#promised !== null && this.#total < this.#promised) {
      const error = this.#wrongSize();
      this.fail(error);
      return error.code;
    }
    this.#become('finished');
    return null;
  }

  /** The rest of it will not come. */
  fail(error: Error): void {
    if (this.#state !== 'open') return;
    this.#drop();
    this.#become(error);
  }

  /** The message is on its way: from now on the guest writes as fast as it is read. */
  claim(): void {
    this.#limit = BUFFER_BYTES;
  }

  /** Nobody wants it: what is written is forgotten. */
  discard(): void {
    this.#discards = true;
    this.#promised = null;
    this.#drop();
    this.#wake();
  }

  /** The message has no body: a byte of one is an error. */
  forbid(): void {
    this.#promised = 0;
    if (this.#total > 0) this.fail(this.#wrongSize());
  }

  /** What has been gathered. */
  bytes(): Bytes | null {
    const chunks = this.#chunks;
    this.#drop();
    return joined(chunks);
  }

  /** What has been gathered, and then the rest. */
  stream(): ReadableStream<Bytes> {
    return new ReadableStream<Bytes>(
      {
        pull: (controller) => this.#pull(controller),
        cancel: () => {
          if (this.#state !== 'open') return;
          this.#drop();
          this.#become('closed');
        },
      },
      { highWaterMark: 0 },
    );
  }

  #pull(controller: ReadableStreamDefaultController<Bytes>): void | Promise<void> {
    const bytes = this.#next();
    if (bytes !== null) {
      controller.enqueue(bytes);
      this.#wake();
    }
    if (this.#state instanceof Error) return controller.error(this.#state);
    if (this.#state === 'finished' && this.#chunks.length === 0) return controller.close();
    if (bytes !== null || this.#state === 'closed') return;
    return new Promise((resolve) => {
      this.#wanted = () => resolve(this.#pull(controller));
    });
  }

  /** Small chunks go together, a large one as it is. */
  #next(): Bytes | null {
    let count = 0;
    let length = 0;
    while (count < this.#chunks.length && (count === 0 || length + this.#chunks[count]!.length <= BUFFER_BYTES)) {
      length += this.#chunks[count]!.length;
      count += 1;
    }
    this.#buffered -= length;
    return joined(this.#chunks.splice(0, count));
  }

  #become(state: State): void {
    this.#state = state;
    this.onGathered?.();
    this.#wake();
  }

  #wake(): void {
    const wanted = this.#wanted;
    this.#wanted = null;
    wanted?.();
    this.#room.wake();
  }

  #drop(): void {
    this.#chunks = [];
    this.#buffered = 0;
  }

  #wrongSize(): HttpError {
    return new HttpError({ tag: this.#sizeError, val: BigInt(this.#total) });
  }
}

/** Null where there are none; one is not copied. */
function joined(chunks: readonly Bytes[]): Bytes | null {
  return chunks.length <= 1 ? (chunks[0] ?? null) : concat(chunks);
}
