import { Buffer } from 'node:buffer';
import { Writable } from 'node:stream';
import type { Call } from './settings.ts';

export interface Head {
  readonly status: number;
  readonly statusText?: string;
  readonly headers: Headers;
}

/** Bytes that wait for the client before `write` asks to wait for 'drain'. */
const HIGH_WATER = 64 * 1_024;

/** A stream of Node's that is the body of a response, at the pace of the client. */
export abstract class BodyStream extends Writable {
  /** Resolves with the first bytes, or at the end. */
  readonly response: Promise<Response>;
  #body: ReadableStreamDefaultController<Uint8Array> | undefined;
  /** What `end` brought, where it is all of it. */
  #whole: Uint8Array<ArrayBuffer> | null = null;
  #begun = false;
  #respond: (response: Response) => void;
  #refuse: (error: unknown) => void;
  /** Tells the stream that the client has taken what was written. */
  #taken: (() => void) | undefined;
  #piped = 0;

  constructor() {
    super({ highWaterMark: HIGH_WATER });
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    this.response = promise;
    this.#respond = resolve;
    this.#refuse = reject;
    // Who waits for the response hears of it there, and who pipes into it from the pipe.
    promise.catch(() => {});
    this.on('error', () => {});
    this.on('pipe', () => void this.#piped++);
    this.on('unpipe', () => void this.#piped--);
  }

  /** Asked when the response begins. */
  protected abstract head(): Head;

  /** Whether the response has begun. */
  get headersSent(): boolean {
    return this.#begun;
  }

  /** Whether another stream is being piped into this one. */
  get piped(): boolean {
    return this.#piped > 0;
  }

  // Node's has the same three forms.
  override end(chunk?: unknown, encoding?: unknown, done?: unknown): this {
    const callback = [chunk, encoding, done].find((each) => typeof each === 'function') as (() => void) | undefined;
    const given = typeof chunk === 'function' || chunk === undefined || chunk === null ? null : (chunk as string | Uint8Array);
    if (given !== null && !this.#begun && this.writableLength === 0 && !this.writableEnded)
      this.#whole = new Uint8Array(typeof given === 'string' ? Buffer.from(given, encodingOf(encoding)) : given);
    else if (given !== null) return super.end(given, encodingOf(encoding), callback);
    return super.end(callback);
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    try {
      const body = (this.#body ??= this.#begin());
      // The author may use its buffer again.
      body.enqueue(new Uint8Array(chunk));
      if ((body.desiredSize ?? 0) > 0) return done();
      this.#taken = done;
    } catch (error) {
      done(error as Error);
    }
  }

  override _final(done: (error?: Error | null) => void): void {
    try {
      if (this.#body === undefined) this.#answer(this.#whole);
      else this.#body.close();
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.writableFinished) {
      const reason = error ?? new Error('The response was destroyed before its end.');
      this.#refuse(reason);
      this.#fail(reason);
    }
    done(error);
  }

  /** Begins the response before there is a body. */
  flushHeaders(): void {
    this.#body ??= this.#begin();
  }

  #begin(): ReadableStreamDefaultController<Uint8Array> {
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        start: (given) => void (controller = given),
        pull: () => {
          const taken = this.#taken;
          this.#taken = undefined;
          taken?.();
        },
        cancel: () => void this.destroy(new Error('The client has gone.')),
      },
      { highWaterMark: HIGH_WATER, size: (chunk) => chunk.byteLength },
    );
    this.#answer(body);
    return controller!;
  }

  #answer(body: BodyInit | null): void {
    const { status, statusText = '', headers } = this.head();
    this.#begun = true;
    this.#respond(new Response([101, 204, 205, 304].includes(status) ? null : body, { status, statusText, headers }));
  }

  #fail(error: Error): void {
    try {
      this.#body?.error(error);
    } catch {
      // It has ended.
    }
  }
}

/**
 * The response of a stream that `work` writes: as soon as it has begun. What fails before that fails the invocation; later it
 * breaks the body off, unless that was whole, and is logged.
 */
export async function responseWhile(stream: BodyStream, { work, call }: { work: Promise<unknown>; call: Call }): Promise<Response> {
  const settled = work.catch((error: unknown) => {
    if (stream.writableEnded) return;
    stream.destroy(error as Error);
    throw error;
  });
  const response = await Promise.race([stream.response, settled.then(() => stream.response)]);
  call.waitUntil(work);
  return response;
}

function encodingOf(encoding: unknown): BufferEncoding {
  return typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8';
}
