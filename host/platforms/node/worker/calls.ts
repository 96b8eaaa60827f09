import type { Body, Transport, WireAnswer, WireCall } from '../../../bindings/binding.ts';
import type { InvocationStorage } from '../../../cell/invocation.ts';
import { BodyReader, BodyWriter } from '../body.ts';
import { valueSink, type AnswerFrame, type BodyFrame, type FrameQueue, type FrameSink, type FromCell } from '../frames.ts';

interface Waiting {
  readonly resolve: (answer: WireAnswer) => void;
  /** The body of the call, on its way out. */
  readonly writer: BodyWriter | undefined;
}

/** The calls of bindings that are under way from this cell. */
export class Calls {
  readonly #storage: InvocationStorage;
  readonly #out: FrameQueue<FromCell>;
  readonly #bodies: FrameSink<BodyFrame>;
  readonly #waiting = new Map<number, Waiting>();
  /** Bodies of answers, on their way in. */
  readonly #readers = new Map<number, BodyReader>();
  #nextId = 1;

  constructor(storage: InvocationStorage, out: FrameQueue<FromCell>) {
    this.#storage = storage;
    this.#out = out;
    this.#bodies = valueSink(out);
  }

  /** What carries the calls of one binding, which errors call by `title`. */
  of(binding: string, title = binding): Transport {
    return (call) => this.#send({ binding, title }, call);
  }

  answer([, id, text, body]: AnswerFrame): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    waiting.writer?.cancel(undefined);
    if (body !== true) return waiting.resolve({ text, body });
    const reader = new BodyReader(id, this.#bodies, () => this.#readers.delete(id));
    this.#readers.set(id, reader);
    return waiting.resolve({ text, body: reader.stream() });
  }

  value(frame: BodyFrame): void {
    const id = frame[1];
    switch (frame[0]) {
      case 'chunk':
        return this.#readers.get(id)?.push(frame[2]);
      case 'end':
        return this.#readers.get(id)?.end();
      case 'error':
        return this.#readers.get(id)?.fail(new TypeError(frame[2]));
      case 'credit':
        return this.#waiting.get(id)?.writer?.grant(frame[2]);
      case 'cancel':
        return this.#waiting.get(id)?.writer?.cancel(undefined);
    }
  }

  async #send({ binding, title }: { binding: string; title: string }, { method, args, body }: WireCall): Promise<WireAnswer> {
    const invocation = this.#storage.getStore()?.invocation;
    if (invocation === undefined) throw new Error(`${title} is there for handlers, not for top-level code.`);
    const id = this.#nextId++;
    const writer = body instanceof ReadableStream ? new BodyWriter(id, body, this.#bodies) : undefined;
    return new Promise((resolve) => {
      this.#waiting.set(id, { resolve, writer });
      this.#out.send(['call', id, invocation, binding, method, args, this.#given(body)]);
      void writer?.run();
    });
  }

  /** The client has made a copy: it moves. */
  #given(body: Body): Uint8Array | true | null {
    return body instanceof ReadableStream ? true : body && this.#out.give(body);
  }
}
