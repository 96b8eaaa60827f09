import { BriefMap } from './brief-map.ts';
import { answer } from '../../bindings/kinds.ts';
import type { BindingSpec, Body, Methods, WireAnswer } from '../../bindings/binding.ts';
import { BodyReader, BodyWriter } from './body.ts';
import type { ServiceSpec } from '../../bindings/service/target.ts';
import type { ServiceCaller, Services } from '../../dispatch/services.ts';
import { callService } from './service-calls.ts';
import { valueSink, type BodyFrame, type CallFrame, type FrameQueue, type FrameSink, type ToCell } from './frames.ts';

/** What one cell may have under way at once; more are refused, as nobody reads so many streams. */
const MAX_OPEN = 10_000;

const ENDED = 'The invocation has ended.';

export interface CallsOptions {
  /** Those of the version: a cell reaches no others. */
  readonly bindings: readonly BindingSpec[];
  /** What one of them can do. */
  readonly open: (binding: BindingSpec) => Methods;
  /** Throws where a binding may do no more now. */
  readonly admit: (binding: string) => void;
  /** What the host itself has for the cell, by names that no binding can have. */
  readonly own: Readonly<Record<string, Methods>>;
  /** Whether this invocation of the cell has not ended. */
  readonly runs: (invocation: number) => boolean;
  /** Not there where the version has no service bindings. */
  readonly services?: ServiceAccess;
}

export interface ServiceAccess {
  /** Those of the version. */
  readonly specs: readonly ServiceSpec[];
  readonly host: () => Services;
  /** An invocation that has not ended, as one that calls another function. */
  readonly callerOf: (invocation: number) => ServiceCaller;
}

interface Open {
  readonly id: number;
  readonly invocation: number;
  /** The body of the call, on its way in. */
  readonly reader: BodyReader | undefined;
  /** The body of the answer, on its way out. */
  writer?: BodyWriter;
  /** Of a call to another function, which ends with its invocation. */
  readonly aborter: AbortController | undefined;
  /** Of a call to a function, answer and body of the request each end by themselves; of others the answer is the end. */
  parts: number;
}

/** The calls that a cell makes of its function's bindings, on the main thread. */
export class Calls {
  readonly #options: CallsOptions;
  readonly #out: FrameQueue<ToCell>;
  readonly #bodies: FrameSink<BodyFrame>;
  readonly #methods: Map<string, Methods>;
  readonly #open = new BriefMap<Open>();
  /** Those of them that end with their invocation: they call a function, or have a body that is not over. */
  readonly #streams = new BriefMap<Open>();

  constructor(options: CallsOptions, out: FrameQueue<ToCell>) {
    this.#options = options;
    this.#out = out;
    this.#bodies = valueSink(out);
    this.#methods = new Map(Object.entries(options.own));
  }

  /** @throws where no cell of ours would call so */
  receive([, id, invocation, binding, method, args, body]: CallFrame): void {
    const access = this.#options.services;
    const service = access?.specs.find(({ name }) => name === binding);
    const methods = service === undefined ? this.#methodsOf(binding) : undefined;
    if (this.#open.has(id)) throw new TypeError(`there is a call ${id} already`);
    if (!this.#options.runs(invocation)) return this.#refuse(id, 'Its invocation has ended. Keep what is to go on with ctx.waitUntil().');
    if (this.#open.size >= MAX_OPEN) return this.#refuse(id, `More than ${MAX_OPEN} calls are under way.`);
    const reader = body === true ? new BodyReader(id, this.#bodies, () => this.#done(id, open)) : undefined;
    const open: Open = { id, invocation, reader, aborter: service && new AbortController(), parts: 1 };
    if (reader && service) open.parts++;
    this.#open.set(id, open);
    if (reader !== undefined || service !== undefined) this.#streams.set(id, open);
    const asked = { method, args, body: reader ? reader.stream() : (body as Uint8Array | null) };
    const answered =
      service === undefined
        ? answer(methods!, asked, () => this.#options.admit(binding))
        : callService(asked, {
            target: service.target,
            caller: access!.callerOf(invocation),
            services: access!.host(),
            signal: open.aborter!.signal,
          });
    answered.then(
      (result) => this.#answer(id, open, result),
      // No method makes what JSON has no text for.
      () => {
        this.#close(id, open);
        this.#refuse(id, 'The answer cannot be read.');
      },
    );
    return undefined;
  }

  /** A frame of the body of a call, or about that of an answer. */
  value(frame: BodyFrame): void {
    const open = this.#open.get(frame[1]);
    switch (frame[0]) {
      case 'chunk':
        return open?.reader?.push(frame[2]);
      case 'end':
        return open?.reader?.end();
      case 'error':
        return open?.reader?.fail(new TypeError(frame[2]));
      case 'credit':
        return open?.writer?.grant(frame[2]);
      case 'cancel':
        return open?.writer?.cancel(undefined);
    }
  }

  /** The function wants no answer any more. */
  abort(id: number): void {
    const open = this.#open.get(id);
    if (open?.aborter) abort(open);
  }

  /** The invocation has ended, in whichever way: bodies of its calls are not waited for. */
  end(invocation: number): void {
    for (const open of this.#streams.values()) if (open.invocation === invocation) this.#breakOff(open);
  }

  /** The cell has stopped. */
  stop(): void {
    for (const open of this.#streams.values()) abort(open);
  }

  #methodsOf(name: string): Methods {
    const known = this.#methods.get(name);
    if (known !== undefined) return known;
    const spec = this.#options.bindings.find((each) => each.name === name);
    if (spec === undefined) throw new TypeError(`there is no binding ${JSON.stringify(name)}`);
    const methods = this.#options.open(spec);
    this.#methods.set(name, methods);
    return methods;
  }

  #answer(id: number, open: Open, { text, body }: WireAnswer): void {
    if (open.aborter === undefined) open.reader?.discard();
    if (!(body instanceof ReadableStream)) {
      this.#close(id, open);
      return this.#out.send(['answer', id, text, this.#given(body)]);
    }
    this.#out.send(['answer', id, text, true]);
    open.writer = new BodyWriter(id, body, this.#bodies);
    this.#streams.set(id, open);
    void open.writer.run().then(() => this.#close(id, open));
    // It has ended while the answer was on its way.
    if (!this.#options.runs(open.invocation)) this.#breakOff(open);
    return undefined;
  }

  /** The cell lives on, and may have kept the body of the answer: it hears that nothing more comes. */
  #breakOff(open: Open): void {
    abort(open);
    if (open.writer !== undefined) this.#bodies.send(['error', open.id, ENDED]);
  }

  /** What the store gave is ours, and moves. */
  #given(body: Exclude<Body, ReadableStream>): Uint8Array | null {
    return body === null ? null : this.#out.give(body);
  }

  /** The body of a request has ended. */
  #done(id: number, open: Open): void {
    if (open.aborter !== undefined) this.#close(id, open);
  }

  #close(id: number, open: Open): void {
    if (--open.parts > 0) return;
    this.#open.delete(id);
    this.#streams.delete(id);
  }

  #refuse(id: number, message: string): void {
    this.#out.send(['answer', id, JSON.stringify({ error: { name: 'Error', message } }), null]);
  }
}

function abort({ reader, writer, aborter }: Open): void {
  aborter?.abort();
  reader?.fail(new TypeError(ENDED));
  writer?.cancel(undefined);
}
