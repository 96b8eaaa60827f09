import { PIECE, WINDOW, type BodyFrame, type FrameSink } from './frames.ts';

/** Sends a stream as body frames, never more than the reader has granted. */
export class BodyWriter {
  readonly #id: number;
  readonly #out: FrameSink<BodyFrame>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #credit = WINDOW;
  #wake: (() => void) | undefined;
  #cancelled = false;

  constructor(id: number, stream: ReadableStream<Uint8Array>, out: FrameSink<BodyFrame>) {
    this.#id = id;
    this.#out = out;
    this.#reader = stream.getReader();
  }

  /** Resolves when the body has ended, in whichever way; never rejects. */
  async run(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (this.#cancelled) return;
        if (done) break;
        if (!(value instanceof Uint8Array)) throw new TypeError('A body stream gave something that is not a Uint8Array.');
        for (let at = 0; at < value.byteLength; at += PIECE) {
          if (this.#credit <= 0) await new Promise<void>((resolve) => (this.#wake = resolve));
          if (this.#cancelled) return;
          const piece = this.#out.own(value.subarray(at, at + PIECE));
          this.#credit -= piece.byteLength;
          this.#out.send(['chunk', this.#id, piece]);
        }
      }
      this.#out.send(['end', this.#id]);
    } catch (error) {
      if (this.#cancelled) return;
      this.#out.send(['error', this.#id, error instanceof Error ? error.message : String(error)]);
      this.#reader.cancel(error).catch(() => {});
    }
  }

  grant(bytes: number): void {
    this.#credit += bytes;
    if (this.#credit > 0) this.#release();
  }

  /** The reader wants no more: the source is told, so that it can stop. */
  cancel(reason: unknown): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.#reader.cancel(reason).catch(() => {});
    this.#release();
  }

  #release(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

/**
 * Receives body frames. What has come is kept until someone reads, at most a window of it; then it is a stream, or,
 * where the whole is wanted, one buffer without a stream in between.
 */
export class BodyReader {
  readonly #id: number;
  readonly #out: FrameSink<BodyFrame>;
  #chunks: Uint8Array[] = [];
  #ended = false;
  #failure: Error | undefined;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #wake: (() => void) | undefined;
  #onEnd: (() => void) | undefined;
  /** The writer begins only when it is asked to. */
  awaited = false;

  constructor(id: number, out: FrameSink<BodyFrame>, onEnd?: () => void) {
    this.#id = id;
    this.#out = out;
    this.#onEnd = onEnd;
  }

  push(bytes: Uint8Array): void {
    if (this.#ended) return;
    this.#chunks.push(bytes);
    this.#notify();
  }

  end(): void {
    this.#ended = true;
    this.#notify();
    this.#finish();
  }

  fail(error: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = error;
    this.#chunks = [];
    this.#controller?.error(error);
    this.#notify();
    this.#finish();
  }

  stream(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
          if (this.#failure) controller.error(this.#failure);
        },
        pull: async (controller) => {
          const chunk = await this.next().catch(() => undefined);
          if (chunk === null) controller.close();
          else if (chunk !== undefined) controller.enqueue(chunk);
        },
        cancel: () => this.#cancel(),
      },
      { highWaterMark: 0 },
    );
  }

  /** The next piece; null at the end. Rejects where the body has broken off. */
  async next(): Promise<Uint8Array | null> {
    while (this.#chunks.length === 0 && !this.#ended) await this.#more();
    if (this.#failure) throw this.#failure;
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return null;
    if (!this.#ended) this.#out.send(['credit', this.#id, chunk.byteLength]);
    return chunk;
  }

  /** All of it, in one buffer. */
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    const parts: Uint8Array[] = [];
    let size = 0;
    for (;;) {
      for (const chunk of this.#chunks) {
        parts.push(chunk);
        size += chunk.byteLength;
        if (!this.#ended) this.#out.send(['credit', this.#id, chunk.byteLength]);
      }
      this.#chunks = [];
      if (this.#ended) break;
      await this.#more();
    }
    if (this.#failure) throw this.#failure;
    if (parts.length === 1) return parts[0] as Uint8Array<ArrayBuffer>;
    const whole = new Uint8Array(size);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.byteLength;
    }
    return whole;
  }

  /** Nobody will read it: the writer is told to stop. */
  discard(): void {
    if (!this.#ended) this.#cancel();
  }

  #cancel(): void {
    this.#chunks = [];
    if (this.#ended) return;
    this.#ended = true;
    this.#out.send(['cancel', this.#id]);
    this.#finish();
  }

  #more(): Promise<void> {
    if (this.awaited) {
      this.awaited = false;
      this.#out.send(['credit', this.#id, 0]);
    }
    return new Promise((resolve) => (this.#wake = resolve));
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #finish(): void {
    const onEnd = this.#onEnd;
    this.#onEnd = undefined;
    onEnd?.();
  }
}
