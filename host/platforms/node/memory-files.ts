import { createHash } from 'node:crypto';
import { concat } from '../../bytes.ts';
import type { Files } from '../../stores/files.ts';

const PIECE = 256 * 1024;

/** Nothing that outlives the process: for `brink run` and for tests. */
export function createMemoryFiles(): Files {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  let written = 0;
  const part = (name: string, { offset, length }: { offset: number; length: number }) => files.get(name)!.slice(offset, offset + length);
  return {
    async write(body, { admit, algorithms }) {
      const pieces: Uint8Array[] = [];
      let size = 0;
      for await (const piece of body instanceof Uint8Array ? [body] : body) {
        size += piece.byteLength;
        admit(size);
        pieces.push(piece);
      }
      const bytes = concat(pieces);
      const name = String(written++);
      files.set(name, bytes);
      const digests = algorithms.map((algorithm) => [algorithm, createHash(algorithm).update(bytes).digest('hex')]);
      return { name, size, digests: Object.fromEntries(digests) as Record<string, string> };
    },
    read(name, { offset, length }) {
      let at = offset;
      return new ReadableStream({
        pull(controller) {
          const next = Math.min(PIECE, offset + length - at);
          controller.enqueue(part(name, { offset: at, length: next }));
          at += next;
          if (at >= offset + length) controller.close();
        },
      });
    },
    bytes: async (name, which) => part(name, which),
    remove: async (names) => names.forEach((name) => files.delete(name)),
    async *earlier() {},
    digest: (algorithm, bytes) => createHash(algorithm).update(bytes).digest('hex'),
  };
}
