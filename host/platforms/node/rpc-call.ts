import type { Invocation, RpcCall as Rpc } from '../../dispatch/cell.ts';
import type { TimeLeft } from '../../cell/time-left.ts';
import type { BrinkError } from '../../errors.ts';
import { BodyReader, BodyWriter } from './body.ts';
import { callOf, type Call } from './call.ts';
import type { FrameSink, FromCell, ToCell } from './frames.ts';

export interface RpcCallOptions {
  readonly invocation: Invocation;
  readonly limit: TimeLeft;
  readonly out: FrameSink<ToCell>;
  readonly resolve: () => void;
  readonly reject: (error: BrinkError) => void;
}

/** An RPC method that runs in a cell: what it and its caller say to each other passes by, unread. */
export class RpcCall implements Call {
  readonly invocation: Invocation;
  readonly limit: TimeLeft;
  readonly began = performance.now();
  deadline: number;
  expired = false;
  readonly id: number;
  readonly #options: RpcCallOptions;
  readonly #reader: BodyReader;
  #writer: BodyWriter | undefined;

  constructor(id: number, options: RpcCallOptions) {
    this.id = id;
    this.#options = options;
    this.invocation = options.invocation;
    this.limit = options.limit;
    this.deadline = this.began + options.limit.ms;
    this.#reader = new BodyReader(id, options.out);
  }

  /** Gives what comes from the cell. */
  send({ kind, method, input }: Rpc): ReadableStream<Uint8Array> {
    const { out, invocation } = this.#options;
    out.send(['rpc', this.id, kind, method, callOf(invocation, this.limit)]);
    this.#writer = new BodyWriter(this.id, input as ReadableStream<Uint8Array>, out);
    void this.#writer.run();
    return this.#reader.stream();
  }

  frame(frame: FromCell): void {
    switch (frame[0]) {
      case 'rpc-done':
        this.deadline = Infinity;
        return this.#options.resolve();
      case 'chunk':
        return this.#reader.push(frame[2]);
      case 'end':
        return this.#reader.end();
      case 'error':
        return this.#reader.fail(new Error(frame[2]));
      case 'credit':
        return this.#writer?.grant(frame[2]);
      case 'cancel':
        return this.#writer?.cancel(undefined);
      default:
        return undefined;
    }
  }

  /** The method threw: the caller has heard of it from the cell. */
  failed(error: BrinkError): void {
    this.deadline = Infinity;
    this.#options.reject(error);
  }

  fail(error: BrinkError): void {
    this.failed(error);
    this.#reader.fail(error);
    this.#writer?.cancel(undefined);
  }

  expire(error: BrinkError): void {
    this.expired = true;
    this.fail(error);
    this.#options.out.send(['cancel', this.id]);
  }
}
