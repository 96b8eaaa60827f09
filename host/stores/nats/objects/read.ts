import { concat } from '../../../bytes.ts';
import type { ObjectBytes } from '../../objects.ts';
import type { File, ObjectEntry } from './entry.ts';
import type { ObjectFiles } from './files.ts';
import type { Marks } from './marks.ts';

/** Bytes of an object that come whole, not as a stream. */
const SMALL = 64 * 1024;

export interface ReadOptions {
  readonly files: ObjectFiles;
  readonly marks: Marks;
  readonly offset: number;
  readonly length: number;
}

/** A part of an object's bytes. */
export async function bodyOf({ files: parts, bytes }: ObjectEntry, { files, marks, offset, length }: ReadOptions): Promise<ObjectBytes> {
  if (parts.length === 0) return bytes.slice(offset, offset + length);
  const pieces = piecesOf(files, parts, { offset, length });
  if (length > SMALL) return streamOf(pieces, marks.hold(parts.map(({ id }) => id)));
  const whole: Uint8Array[] = [];
  for await (const piece of pieces) whole.push(piece);
  return concat(whole);
}

async function* piecesOf(
  files: ObjectFiles,
  parts: readonly File[],
  { offset, length }: { offset: number; length: number },
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let start = 0;
  for (const file of parts) {
    const from = Math.max(offset, start);
    const to = Math.min(offset + length, start + file.size);
    if (from < to) yield* files.read(file, { offset: from - start, length: to - from });
    start += file.size;
  }
}

function streamOf(pieces: AsyncGenerator<Uint8Array<ArrayBuffer>>, release: () => void): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await pieces.next();
        if (done !== true) return controller.enqueue(value);
        release();
        controller.close();
      } catch (error) {
        release();
        throw error;
      }
    },
    async cancel() {
      release();
      await pieces.return(undefined);
    },
  });
}
