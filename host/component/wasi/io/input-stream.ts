import { ok, type Result } from '../values/result.ts';
import { NO_BYTES, type ByteReader, type Bytes } from './byte-reader.ts';
import { Waiters, whenReady, type Readiness } from './readiness.ts';
import { CLOSED, failed, type StreamError } from './stream-error.ts';

type Read = Result<Bytes, StreamError>;

const NOTHING: Read = ok(NO_BYTES);

/** `input-stream` of wasi:io. */
export class InputStream implements Readiness {
  readonly #reader: ByteReader;
  readonly #waiters = new Waiters();
  /** What has been read and not yet taken. */
  #rest: Bytes | null = null;
  #state: 'idle' | 'reading' | 'closed' = 'idle';
  /** What made it fail, until the guest has been told. */
  #failure: { readonly cause: unknown } | null = null;

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  get ready(): boolean {
    this.#fill();
    return this.#rest !== null || this.#state === 'closed';
  }

  wait(wake: () => void): () => void {
    this.#fill();
    return this.#waiters.add(wake);
  }

  /** At most so many bytes of those that are there; to be looked at, and not to be kept. */
  read(length: bigint): Read {
    return this.#take(length, false);
  }

  blockingRead(length: bigint): Read | Promise<Read> {
    return this.ready ? this.read(length) : whenReady(this).then(() => this.read(length));
  }

  /** The same, to be kept: what it leaves is not in the same buffer. */
  takeOwn(length: bigint): Read {
    return this.#take(length, true);
  }

  skip(length: bigint): Result<bigint, StreamError> {
    return lengthOf(this.read(length));
  }

  blockingSkip(length: bigint): Result<bigint, StreamError> | Promise<Result<bigint, StreamError>> {
    return this.ready ? this.skip(length) : whenReady(this).then(() => this.skip(length));
  }

  [Symbol.dispose](): void {
    this.#rest = null;
    this.#failure = null;
    this.#state = 'closed';
    this.#reader.cancel();
    this.#waiters.wake();
  }

  #take(length: bigint, own: boolean): Read {
    this.#fill();
    const rest = this.#rest;
    if (rest !== null) {
      if (length >= rest.length) {
        this.#rest = null;
        return ok(rest);
      }
      const count = Number(length);
      this.#rest = rest.subarray(count);
      return ok(own ? rest.slice(0, count) : rest.subarray(0, count));
    }
    if (this.#failure !== null) {
      const { cause } = this.#failure;
      this.#failure = null;
      return failed(cause);
    }
    return this.#state === 'closed' ? CLOSED : NOTHING;
  }

  #fill(): void {
    if (this.#rest !== null || this.#state !== 'idle') return;
    try {
      const next = this.#reader.read();
      if (!(next instanceof Promise)) return this.#settle(next);
      this.#state = 'reading';
      next.then(
        (bytes) => this.#arrive(() => this.#settle(bytes)),
        (cause: unknown) => this.#arrive(() => this.#fail(cause)),
      );
    } catch (cause) {
      this.#fail(cause);
    }
  }

  #arrive(step: () => void): void {
    if (this.#state !== 'reading') return;
    step();
    this.#waiters.wake();
  }

  #settle(bytes: Bytes | null): void {
    this.#state = bytes === null ? 'closed' : 'idle';
    this.#rest = bytes;
  }

  #fail(cause: unknown): void {
    this.#state = 'closed';
    this.#failure = { cause };
  }
}

export function lengthOf(read: Read): Result<bigint, StreamError> {
  return read.tag === 'ok' ? ok(BigInt(read.val.length)) : read;
}
