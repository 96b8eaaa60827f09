import type { Bucket } from '../bucket.ts';
import { unavailable } from '../link.ts';
import type { File } from './entry.ts';

/** Bytes in pieces, each a message. A file is never changed; its id is used once. */
export interface ObjectFiles {
  /** Bytes of a piece. */
  readonly piece: number;
  /** Takes all, with few pieces under way at once; the file lies with the server when this resolves. */
  write(id: string, bytes: AsyncIterable<Uint8Array>): Promise<void>;
  read(file: File, part: { readonly offset: number; readonly length: number }): AsyncGenerator<Uint8Array<ArrayBuffer>>;
  remove(id: string): Promise<void>;
  /** Bytes of all files. */
  bytes(): Promise<number>;
}

/** Pieces that are under way at once: enough to keep a server busy, and few enough to bound memory. */
const AT_ONCE = 4;

export function createObjectFiles(bucket: Bucket, piece: number): ObjectFiles {
  return {
    piece,
    async write(id, bytes) {
      const sender = new Sender((number, value) => bucket.put(`${id}.${number}`, value, { head: {} }));
      let filling = new Uint8Array(piece);
      let filled = 0;
      for await (const each of bytes) {
        for (let at = 0; at < each.byteLength;) {
          const taken = each.subarray(at, at + piece - filled);
          filling.set(taken, filled);
          at += taken.byteLength;
          filled += taken.byteLength;
          if (filled < piece) continue;
          await sender.send(filling);
          // The one before may not have left yet.
          filling = new Uint8Array(piece);
          filled = 0;
        }
      }
      if (filled > 0) await sender.send(filling.subarray(0, filled));
      await sender.end();
    },
    async *read({ id, piece: size }, { offset, length }) {
      const end = offset + length;
      const ahead: ReturnType<Bucket['get']>[] = [];
      let next = Math.floor(offset / size);
      for (let at = offset; at < end;) {
        while (next * size < end && ahead.length < AT_ONCE) {
          const message = bucket.get(`${id}.${next++}`);
          // Whoever reads may have gone by then.
          message.catch(() => {});
          ahead.push(message);
        }
        const message = await ahead.shift();
        const from = at % size;
        const bytes = message?.value.subarray(from, from + end - at);
        if (bytes === undefined || bytes.byteLength === 0) throw unavailable(new Error(`a piece of an object is missing: ${id}`));
        at += bytes.byteLength;
        yield bytes;
      }
    },
    remove: (id) => bucket.purge(id),
    bytes: async () => (await bucket.total()).bytes,
  };
}

class Sender {
  readonly #put: (number: number, value: Uint8Array) => Promise<unknown>;
  readonly #underWay = new Set<Promise<void>>();
  #next = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(put: (number: number, value: Uint8Array) => Promise<unknown>) {
    this.#put = put;
  }

  async send(value: Uint8Array): Promise<void> {
    if (this.#underWay.size >= AT_ONCE) await Promise.race(this.#underWay);
    this.#check();
    const sent: Promise<void> = this.#put(this.#next++, value).then(
      () => void this.#underWay.delete(sent),
      (error: unknown) => {
        this.#failure ??= { error };
        this.#underWay.delete(sent);
      },
    );
    this.#underWay.add(sent);
  }

  async end(): Promise<void> {
    await Promise.all(this.#underWay);
    this.#check();
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
