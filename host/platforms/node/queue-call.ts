import type { Invocation, QueueBatch, QueueOutcome } from '../../dispatch/cell.ts';
import type { BrinkError } from '../../errors.ts';
import { concat } from '../../bytes.ts';
import type { TimeLeft } from '../../cell/time-left.ts';
import { callOf, type Call } from './call.ts';
import type { FrameQueue, FromCell, MessageHead, ToCell } from './frames.ts';

/** What `QueueCall` is of, besides its id. */
export interface QueueCallOptions {
  readonly invocation: Invocation;
  readonly limit: TimeLeft;
  readonly out: FrameQueue<ToCell>;
}

export class QueueCall implements Call {
  readonly id: number;
  readonly invocation: Invocation;
  readonly limit: TimeLeft;
  readonly began = performance.now();
  deadline: number;
  readonly #out: FrameQueue<ToCell>;
  readonly #resolve: (outcome: QueueOutcome) => void;
  readonly #said: number[] = [];
  #expired: BrinkError | undefined;

  get expired(): boolean {
    return this.#expired !== undefined;
  }

  constructor(id: number, { invocation, limit, out }: QueueCallOptions, resolve: (outcome: QueueOutcome) => void) {
    this.id = id;
    this.invocation = invocation;
    this.limit = limit;
    this.deadline = this.began + limit.ms;
    this.#out = out;
    this.#resolve = resolve;
  }

  send({ queue, messages, backlog }: QueueBatch): void {
    const heads = messages.map(({ id, timestamp, attempts, type, body }): MessageHead => [id, timestamp, attempts, type, body.byteLength]);
    const bodies = this.#out.give(concat(messages.map(({ body }) => body)));
    this.#out.send(['queue', this.id, queue, heads, bodies, backlog, callOf(this.invocation)]);
  }

  frame(frame: FromCell): void {
    if (frame[0] === 'said') this.#said.push(...frame[2]);
    else if (frame[0] === 'settled') this.#end(this.#expired ?? null);
  }

  fail(error: BrinkError): void {
    this.#end(error);
  }

  /** Not before it is known whether the cell lives: what is retried at once would go to one that spins. */
  expire(error: BrinkError): void {
    this.deadline = Infinity;
    this.#expired = error;
  }

  alive(): void {
    if (this.#expired !== undefined) this.#end(this.#expired);
  }

  #end(failure: BrinkError | null): void {
    this.deadline = Infinity;
    this.#resolve({ said: [...this.#said], failure });
  }
}
