import { concat } from '../../../bytes.ts';
import type { CreateHash } from '../../hash.ts';
import type { Algorithm, ObjectBytes } from '../../objects.ts';
import type { File } from './entry.ts';
import type { ObjectFiles } from './files.ts';
import type { Marks, Owner, Writing } from './marks.ts';

/** Bytes that have come, and lie in a file where they are many. */
export interface Taken {
  readonly size: number;
  /** In hex. */
  readonly digests: Readonly<Partial<Record<Algorithm, string>>>;
  /** Null: the bytes are these. */
  readonly file: { readonly file: File; readonly writing: Writing } | null;
  readonly bytes: Uint8Array;
}

export interface TakeOptions {
  readonly owner: Owner;
  readonly algorithms: readonly Algorithm[];
  /** Up to so many bytes need no file; null: all do. */
  readonly inline: number | null;
  /** To how many bytes a body may come that has come to so many; asked again there. What it throws ends it. */
  readonly upTo: (size: number) => Promise<number>;
  readonly files: ObjectFiles;
  readonly marks: Marks;
  readonly createHash: CreateHash;
}

const EMPTY = new Uint8Array();

export async function takeBody(
  body: ObjectBytes,
  { owner, algorithms, inline, upTo, files, marks, createHash }: TakeOptions,
): Promise<Taken> {
  const hashes = [...new Set(algorithms)].map((algorithm) => [algorithm, createHash(algorithm)] as const);
  let size = 0;
  let most = -1;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of body instanceof Uint8Array ? [body] : body) {
      if (!(piece instanceof Uint8Array)) throw new TypeError('The stream gave something that is not bytes.');
      size += piece.byteLength;
      if (size > most) most = await upTo(size);
      for (const [, hash] of hashes) hash.update(piece);
      yield piece;
    }
  }
  const pieces = counted();
  const first: Uint8Array[] = [];
  const taken = (where: Pick<Taken, 'file' | 'bytes'>): Taken => ({
    ...where,
    size,
    digests: Object.fromEntries(hashes.map(([algorithm, hash]) => [algorithm, hash.hex()])),
  });
  if (inline !== null) {
    let ended = false;
    while (!ended && size <= inline) {
      const { done, value } = await pieces.next();
      if (done === true) ended = true;
      else first.push(value);
    }
    if (ended) return taken({ file: null, bytes: concat(first) });
  }
  const writing = await begun(marks, owner, pieces);
  try {
    await files.write(writing.id, joined(first, pieces));
    return taken({ file: { file: { id: writing.id, size, piece: files.piece }, writing }, bytes: EMPTY });
  } catch (error) {
    await dropFile({ id: writing.id, writing, marks, owner });
    throw error;
  }
}

/** A file that nothing has named, or perhaps something has: its mark says so, and where it cannot be written the one before does. */
export async function dropFile({ id, writing, marks, owner }: { id: string; writing: Writing; marks: Marks; owner: Owner }): Promise<void> {
  writing.end();
  await marks.doom([id], owner).catch(() => {});
}

async function begun(marks: Marks, owner: Owner, pieces: AsyncGenerator<Uint8Array>): Promise<Writing> {
  try {
    return await marks.write(owner);
  } catch (error) {
    await pieces.return(undefined);
    throw error;
  }
}

async function* joined(first: readonly Uint8Array[], rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* first;
  yield* rest;
}
