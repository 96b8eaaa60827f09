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
