import { MAX_MESSAGE } from './values.ts';

/** Messages in one direction, as a stream of bytes: each behind its length. */
export class MessageWriter {
  readonly stream: ReadableStream<Uint8Array>;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #open = true;

  constructor() {
    this.stream = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#controller = controller),
      // Why nobody listens, the messages of the other side say, or their end.
      cancel: () => void (this.#open = false),
    });
  }

  send(message: Uint8Array): void {
    if (!this.#open) return;
    const framed = new Uint8Array(4 + message.byteLength);
    new DataView(framed.buffer).setUint32(0, message.byteLength);
    framed.set(message, 4);
    this.#controller.enqueue(framed);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#controller.close();
  }
}

/** The messages of such a stream. @throws what the stream broke with */
export async function* messagesIn(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  let waiting = new Uint8Array(0);
  for await (const chunk of stream) {
    waiting = waiting.byteLength === 0 ? (chunk as Uint8Array<ArrayBuffer>) : joined(waiting, chunk);
    while (waiting.byteLength >= 4) {
      const size = new DataView(waiting.buffer, waiting.byteOffset).getUint32(0);
      if (size > MAX_MESSAGE) throw new TypeError('A message is too large.');
      if (waiting.byteLength < 4 + size) break;
      yield waiting.slice(4, 4 + size);
      waiting = waiting.subarray(4 + size);
    }
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.byteLength + second.byteLength);
  both.set(first);
  both.set(second, first.byteLength);
  return both;
}
