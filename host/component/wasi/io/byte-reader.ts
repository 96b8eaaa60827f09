export type Bytes = Uint8Array<ArrayBuffer>;

/** Where an input-stream takes its bytes from. */
export interface ByteReader {
  /**
   * The next bytes, which are the caller's and never none; null at the end. At once where they are there. Called again
   * only when it has answered.
   *
   * @throws what made it fail; or the promise rejects with it
   */
  read(): Bytes | null | Promise<Bytes | null>;
  /** No more is wanted. */
  cancel(): void;
}

export const NO_BYTES: Bytes = new Uint8Array(0);

export const EMPTY_READER: ByteReader = { read: () => null, cancel: () => undefined };

/** Bytes that are there. */
export function readerOf(bytes: Bytes): ByteReader {
  let rest: Bytes | null = bytes.length === 0 ? null : bytes;
  return {
    read() {
      const all = rest;
      rest = null;
      return all;
    },
    cancel() {
      rest = null;
    },
  };
}

/**
 * The bytes of a stream, which is locked when they are first wanted.
 *
 * @param open null: there is none
 */
export function streamReader(open: () => ReadableStream<Uint8Array> | null): ByteReader {
  let reader: ReadableStreamDefaultReader<Uint8Array> | null | undefined;
  const next = async (from: ReadableStreamDefaultReader<Uint8Array>): Promise<Bytes | null> => {
    for (;;) {
      const { value } = await from.read();
      if (value === undefined) return null;
      if (value.length > 0) return value as Bytes;
    }
  };
  return {
    read() {
      if (reader === undefined) reader = open()?.getReader() ?? null;
      return reader === null ? null : next(reader);
    },
    cancel() {
      const opened = reader === undefined ? open() : reader;
      reader = null;
      // One that others have locked, or that has failed, needs no cancelling.
      opened?.cancel().catch(() => undefined);
    },
  };
}
