import type { Algorithm, ObjectBytes } from './objects.ts';

/**
 * Bytes under names that it gives itself: where a database keeps what is too large for its rows. A file is never changed,
 * and counts from when the database knows its name; what it does not know when it is opened is left from a crash.
 */
export interface Files {
  /** Takes all of it. When this resolves, the file survives the loss of power; where `body` breaks off, there is none. */
  write(body: ObjectBytes, options: WriteFile): Promise<WrittenFile>;
  /** Bytes of it, as they are read. */
  read(name: string, part: { readonly offset: number; readonly length: number }): ReadableStream<Uint8Array>;
  /** Whole, of files that are small. */
  bytes(name: string, part: { readonly offset: number; readonly length: number }): Promise<Uint8Array<ArrayBuffer>>;
  /** Without effect for those that are not there. */
  remove(names: readonly string[]): Promise<void>;
  /** Those that were there before this process, one list after the other. */
  earlier(): AsyncIterable<readonly string[]>;
  digest(algorithm: Algorithm, bytes: Uint8Array): string;
}

export interface WriteFile {
  /** Told how many bytes have come, before they are written; what it throws breaks the write off. */
  readonly admit: (size: number) => void;
  readonly algorithms: readonly Algorithm[];
}

export interface WrittenFile {
  readonly name: string;
  readonly size: number;
  /** In hex. */
  readonly digests: Readonly<Partial<Record<Algorithm, string>>>;
}
