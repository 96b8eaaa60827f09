import { Trap } from '../../trap.ts';
import { OK, ok, type Result } from '../values/result.ts';
import type { Bytes } from './byte-reader.ts';
import { lengthOf, type InputStream } from './input-stream.ts';
import { whenReady, type Readiness } from './readiness.ts';
import { CLOSED, failed, type StreamError } from './stream-error.ts';

/** What a write that blocks may have at most. */
const BLOCKING_WRITE = 4096;

type Written = Result<undefined, StreamError>;
type Count = Result<bigint, StreamError>;

const NO_ROOM: Count = ok(0n);

/**
 * Where an output-stream puts its bytes. Ready when there is room, or it has ended. What it has taken is on its way: a
 * flush has nothing to do.
 */
export interface ByteSink extends Readiness {
  /** How many bytes it takes now; 0 while it has to be waited for. */
  readonly room: number;
  /** Why it takes no more; null while it does. */
  readonly ended: SinkEnd | null;
  /**
   * Takes bytes, which are its own from now on. A write that blocks comes whole, if there is any room at all.
   *
   * @returns what it has failed by: those bytes are lost
   */
  write(bytes: Bytes): SinkEnd | null;
  /** The guest writes no more. */
  release?(): void;
}

/** Closed by who reads it, or failed. */
export type SinkEnd = 'closed' | { readonly cause: unknown };

/** `output-stream` of wasi:io. */
export class OutputStream implements Readiness {
  readonly #sink: ByteSink;
  /** What check-write has allowed, less what has been written of that. */
  #permit = 0;
  /** The guest knows why it has failed: from then on it is closed. */
  #told = false;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  get ready(): boolean {
    return this.#sink.ready;
  }

  wait(wake: () => void): () => void {
    return this.#sink.wait(wake);
  }

  checkWrite(): Count {
    if (this.#sink.ended !== null) return this.#end(this.#sink.ended);
    this.#permit = this.#sink.room;
    return this.#permit === 0 ? NO_ROOM : ok(BigInt(this.#permit));
  }

  write(bytes: Bytes): Written {
    if (bytes.length > this.#permit) {
      throw new Trap(`${bytes.length} bytes were written to an output-stream that check-write has allowed ${this.#permit} of.`);
    }
    return this.#put(bytes);
  }

  writeZeroes(length: bigint): Written {
    if (length > this.#permit) {
      throw new Trap(`${length} zeroes were written to an output-stream that check-write has allowed ${this.#permit} of.`);
    }
    return this.#put(new Uint8Array(Number(length)));
  }

  blockingWriteAndFlush(bytes: Bytes): Written | Promise<Written> {
    if (bytes.length > BLOCKING_WRITE) {
      throw new Trap(`A blocking write of ${bytes.length} bytes is more than the ${BLOCKING_WRITE} that wasi:io allows.`);
    }
    return this.#sink.ready ? this.#put(bytes) : whenReady(this.#sink).then(() => this.#put(bytes));
  }

  blockingWriteZeroesAndFlush(length: bigint): Written | Promise<Written> {
    if (length > BLOCKING_WRITE) {
      throw new Trap(`A blocking write of ${length} zeroes is more than the ${BLOCKING_WRITE} that wasi:io allows.`);
    }
    return this.blockingWriteAndFlush(new Uint8Array(Number(length)));
  }

  flush(): Written {
    return this.#sink.ended === null ? OK : this.#end(this.#sink.ended);
  }

  blockingFlush(): Written | Promise<Written> {
    return this.#sink.ready ? this.flush() : whenReady(this.#sink).then(() => this.flush());
  }

  splice(source: InputStream, length: bigint): Count {
    const room = this.checkWrite();
    if (room.tag === 'err' || room.val === 0n) return room;
    const read = source.takeOwn(length < room.val ? length : room.val);
    if (read.tag === 'err' || read.val.length === 0) return lengthOf(read);
    const written = this.#put(read.val);
    return written.tag === 'err' ? written : lengthOf(read);
  }

  blockingSplice(source: InputStream, length: bigint): Count | Promise<Count> {
    if (!this.#sink.ready) return whenReady(this.#sink).then(() => this.blockingSplice(source, length));
    // What cannot be written need not be read.
    if (this.#sink.ended !== null || source.ready) return this.splice(source, length);
    return whenReady(source).then(() => this.blockingSplice(source, length));
  }

  [Symbol.dispose](): void {
    this.#sink.release?.();
  }

  #put(bytes: Bytes): Written {
    const { ended } = this.#sink;
    if (ended !== null) return this.#end(ended);
    this.#permit = Math.max(0, this.#permit - bytes.length);
    if (bytes.length === 0) return OK;
    const failure = this.#sink.write(bytes);
    return failure === null ? OK : this.#end(failure);
  }

  #end(ended: SinkEnd): typeof CLOSED {
    if (ended === 'closed' || this.#told) return CLOSED;
    this.#told = true;
    return failed(ended.cause);
  }
}
