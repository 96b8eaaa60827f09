import { errorCodeOf, HttpError } from '../http/error-code.ts';
import type { ByteReader, Bytes } from '../io/byte-reader.ts';

type Reader = ReadableStreamDefaultReader<Bytes>;

/** The bytes of a body that comes from outside. What a guest leaves of it is cancelled with the body, not with the stream that it had. */
export class BodySource implements ByteReader {
  readonly #open: () => ReadableStream<Bytes> | null;
  readonly #betweenBytes: number | null;
  #reader: Reader | null = null;
  #ended = false;
  #failure: HttpError | null = null;
  /** Whether the guest has a stream of it. */
  lent = false;

  /** @param betweenBytes milliseconds in which each chunk has to come; null where it may take its time */
  constructor(open: () => ReadableStream<Bytes> | null, betweenBytes: number | null) {
    this.#open = open;
    this.#betweenBytes = betweenBytes;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Why it has ended before its end. */
  get failure(): HttpError | null {
    return this.#failure;
  }

  read(): null | Promise<Bytes | null> {
    if (this.#ended) return null;
    this.#reader ??= this.#open()?.getReader() ?? null;
    if (this.#reader !== null) return this.#next(this.#reader);
    this.#ended = true;
    return null;
  }

  /** The guest has dropped its stream. */
  cancel(): void {
    this.lent = false;
  }

  /** No more of it is wanted. */
  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    (this.#reader ?? this.#open())?.cancel().catch(() => undefined);
  }

  async #next(reader: Reader): Promise<Bytes | null> {
    try {
      for (;;) {
        const { value } = await (this.#betweenBytes === null ? reader.read() : inTime(reader, this.#betweenBytes));
        if (value === undefined) break;
        if (value.length > 0) return value;
      }
    } catch (error) {
      this.#ended = true;
      this.#failure = new HttpError(errorCodeOf(error), { cause: error });
      throw this.#failure;
    }
    this.#ended = true;
    return null;
  }
}

async function inTime(reader: Reader, ms: number): Promise<{ readonly value?: Bytes | undefined }> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new HttpError({ tag: 'connection-read-timeout' }));
    reader.cancel().catch(() => undefined);
  }, ms);
  try {
    return await Promise.race([reader.read(), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
