import { blocking } from '../../host.ts';
import type { ByteReader, Bytes } from '../io/byte-reader.ts';
import { InputStream } from '../io/input-stream.ts';
import { OutputStream, type SinkEnd } from '../io/output-stream.ts';
import { READY } from '../io/readiness.ts';
import type { Factory } from '../settings.ts';
import { err, ERR, ok, OK, type Result } from '../values/result.ts';
import { attempt, type BlobBody, type Container } from './bucket.ts';

/** A bucket takes a value whole: so much of one is kept until it is finished. */
const MAX_VALUE_BYTES = 32 * 1024 * 1024;
const ROOM = 64 * 1024;

/** `outgoing-value`: bytes that the guest writes, put where it has said when it finishes. */
export class OutgoingValue {
  readonly #chunks: Bytes[] = [];
  #size = 0;
  #given = false;
  #failed: SinkEnd | null = null;
  readonly #targets: { readonly container: Container; readonly name: string }[] = [];

  /** Its stream, once. */
  writeBody(): Result<OutputStream, undefined> {
    if (this.#given) return ERR;
    this.#given = true;
    const failed = () => this.#failed;
    return ok(
      new OutputStream({
        ...READY,
        room: ROOM,
        get ended() {
          return failed();
        },
        write: (bytes) => this.#write(bytes),
      }),
    );
  }

  /** Where it goes: the body may be written before or after this is said. */
  goesTo(container: Container, name: string): void {
    this.#targets.push({ container, name });
  }

  async finish(): Promise<Result<undefined, string>> {
    if (this.#failed !== null) return err(`The value is larger than ${MAX_VALUE_BYTES} bytes.`);
    const bytes = new Uint8Array(this.#size);
    let at = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    for (const { container, name } of this.#targets) {
      const put = await attempt(() => container.binding.put(name, bytes));
      if (put.tag === 'err') return put;
    }
    return OK;
  }

  #write(bytes: Bytes): SinkEnd | null {
    if (this.#size + bytes.length > MAX_VALUE_BYTES) {
      this.#failed = { cause: new Error(`A value may have at most ${MAX_VALUE_BYTES} bytes.`) };
      this.#chunks.length = 0;
      this.#size = 0;
    } else {
      this.#chunks.push(bytes);
      this.#size += bytes.length;
    }
    return this.#failed;
  }
}

/** `incoming-value`: an object, or a part of one. */
export class IncomingValue {
  readonly size: number;
  readonly object: BlobBody;

  constructor(size: number, object: BlobBody) {
    this.size = size;
    this.object = object;
  }

  [Symbol.dispose](): void {
    this.object.body.cancel().catch(() => undefined);
  }
}

/** wasi:blobstore/types. */
export const types: Factory = () => ({
  '[static]outgoing-value.new-outgoing-value': () => new OutgoingValue(),
  '[method]outgoing-value.outgoing-value-write-body': (value: OutgoingValue) => value.writeBody(),
  '[static]outgoing-value.finish': blocking((value: OutgoingValue) => value.finish()),
  '[static]incoming-value.incoming-value-consume-sync': blocking(({ object }: IncomingValue) =>
    attempt(async () => new Uint8Array(await object.arrayBuffer())),
  ),
  '[static]incoming-value.incoming-value-consume-async': ({ object }: IncomingValue) => ok(new InputStream(readerOf(object.body))),
  '[method]incoming-value.size': ({ size }: IncomingValue) => BigInt(size),
});

/** The stream is locked when it is first read. */
function readerOf(body: BlobBody['body']): ByteReader {
  let reader: ReadableStreamDefaultReader<Bytes> | null = null;
  return {
    async read() {
      reader ??= body.getReader();
      for (;;) {
        const { value } = await reader.read();
        if (value === undefined || value.length > 0) return value ?? null;
      }
    },
    cancel: () => void (reader ?? body).cancel().catch(() => undefined),
  };
}
