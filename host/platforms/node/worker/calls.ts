import { BriefMap } from '../brief-map.ts';
import type { Body, Transport, WireAnswer, WireCall } from '../../../bindings/binding.ts';
import type { InvocationStorage } from '../../../cell/invocation.ts';
import type { Limits } from '../../../cell/limits.ts';
import { countSubrequest } from '../../../cell/outgoing.ts';
import { BodyReader, BodyWriter } from '../body.ts';
import { valueSink, type AnswerFrame, type BodyFrame, type FrameQueue, type FrameSink, type FromCell } from '../frames.ts';

interface Waiting {
  readonly resolve: (answer: WireAnswer) => void;
  /** The body of the call, where the answer is its end. */
  readonly writer: BodyWriter | undefined;
}

interface Sent {
  readonly id: number;
  readonly invocation: number;
  readonly answer: Promise<WireAnswer>;
}

interface Way {
  readonly binding: string;
  readonly title: string;
  /** Whether the answer ends the call's body. */
  readonly whole: boolean;
}

interface Abortable {
  readonly invocation: number;
  abort(reason: unknown): void;
  /** There is nothing left to abort. */
  over(): void;
}

/** Carries a call to another function, whose body may go on after the answer. */
export type ServiceTransport = (call: WireCall, signal: AbortSignal | null) => Promise<WireAnswer>;

/** The calls of bindings that are under way from this cell. */
export class Calls {
  readonly #storage: InvocationStorage;
  readonly #limits: Limits;
  readonly #out: FrameQueue<FromCell>;
  readonly #bodies: FrameSink<BodyFrame>;
  readonly #waiting = new BriefMap<Waiting>();
  /** Bodies of calls, on their way out. */
  readonly #writers = new BriefMap<BodyWriter>();
  /** Bodies of answers, on their way in. */
  readonly #readers = new BriefMap<BodyReader>();
  /** Calls of other functions that are not over. */
  readonly #abortable = new BriefMap<Abortable>();
  #nextId = 1;

  constructor(storage: InvocationStorage, out: FrameQueue<FromCell>, limits: Limits) {
    this.#storage = storage;
    this.#limits = limits;
    this.#out = out;
    this.#bodies = valueSink(out);
  }

  /** What carries the calls of one binding, which errors call by `title`. */
  of(binding: string, title = binding): Transport {
    return async (call) => this.#send({ binding, title, whole: true }, call).answer;
  }

  /** What carries those of a service binding. */
  ofService(binding: string): ServiceTransport {
    return async (call, signal) => {
      signal?.throwIfAborted();
      return new Promise<WireAnswer>((resolve, reject) => {
        const { id, invocation, answer } = this.#send({ binding, title: binding, whole: false }, call);
        const onAbort = () => abort(signal!.reason);
        const over = () => {
          this.#abortable.delete(id);
          signal?.removeEventListener('abort', onAbort);
        };
        const abort = (reason: unknown) => {
          over();
          this.#abort(id, reason);
          reject(reason as Error);
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        this.#abortable.set(id, { invocation, abort, over });
        void answer.then((given) => {
          // Of one that comes as a stream, the rest may still be aborted.
          if (!this.#readers.has(id)) over();
          resolve(given);
        });
      });
    };
  }

  /** The client of an invocation has gone, and so has all that it waits for. */
  abort(invocation: number, reason: unknown): void {
    for (const each of this.#abortable.values()) if (each.invocation === invocation) each.abort(reason);
  }

  answer([, id, text, body]: AnswerFrame): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    waiting.writer?.cancel(undefined);
    if (body !== true) return waiting.resolve({ text, body });
    const reader = new BodyReader(id, this.#bodies, () => {
      this.#readers.delete(id);
      this.#abortable.get(id)?.over();
    });
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
        return this.#writers.get(id)?.grant(frame[2]);
      case 'cancel':
        return this.#writers.get(id)?.cancel(undefined);
    }
  }

  #send({ binding, title, whole }: Way, { method, args, body }: WireCall): Sent {
    const running = this.#storage.getStore();
    const invocation = running?.invocation;
    if (invocation === undefined) throw new Error(`${title} is there for handlers, not for top-level code.`);
    countSubrequest(running, this.#limits);
    const id = this.#nextId++;
    const writer = body instanceof ReadableStream ? new BodyWriter(id, body, this.#bodies) : undefined;
    if (writer !== undefined) this.#writers.set(id, writer);
    const answer = new Promise<WireAnswer>((resolve) => {
      this.#waiting.set(id, { resolve, writer: whole ? writer : undefined });
      this.#out.send(['call', id, invocation, binding, method, args, this.#given(body)]);
      void writer?.run().then(() => this.#writers.delete(id));
    });
    return { id, invocation, answer };
  }

  /** The function wants neither answer nor the rest of one. */
  #abort(id: number, reason: unknown): void {
    this.#waiting.delete(id);
    this.#writers.get(id)?.cancel(reason);
    this.#readers.get(id)?.fail(reason as Error);
    this.#out.send(['abort', id]);
  }

  /** The client has made a copy: it moves. */
  #given(body: Body): Uint8Array | true | null {
    return body instanceof ReadableStream ? true : body && this.#out.give(body);
  }
}
