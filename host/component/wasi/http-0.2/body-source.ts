import { errorCodeOf, HttpError } from '../http/error-code.ts';
import type { BodyReader } from '../http/small-body.ts';
import type { ByteReader, Bytes } from '../io/byte-reader.ts';

export interface BodySourceOptions {
  /** Milliseconds in which each chunk has to come; null where it may take its time. */
  readonly betweenBytes?: number | null;
  /** Gives a reader of a body that is better read in another way than as a stream; null where it is not. */
  readonly reader?: () => BodyReader | null;
}

/** The bytes of a body that comes from outside. What a guest leaves of it is cancelled with the body, not with the stream that it had. */
export class BodySource implements ByteReader {
  readonly #open: () => ReadableStream<Bytes> | null;
  readonly #options: BodySourceOptions;
  #reader: BodyReader | null = null;
  #ended = false;
  #failure: HttpError | null = null;
  /** Whether the guest has a stream of it. */
  lent = false;

  constructor(open: () => ReadableStream<Bytes> | null, options: BodySourceOptions = {}) {
    this.#open = open;
    this.#options = options;
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
    this.#reader ??= this.#options.reader?.() ?? this.#open()?.getReader() ?? null;
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

  async #next(reader: BodyReader): Promise<Bytes | null> {
    try {
      const { betweenBytes = null } = this.#options;
      for (;;) {
        const { value } = await (betweenBytes === null ? reader.read() : inTime(reader, betweenBytes));
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

async function inTime(reader: BodyReader, ms: number): Promise<{ readonly value?: Bytes | undefined }> {
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
