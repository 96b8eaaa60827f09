import type { EmailEvent, EmailOutcome, Invocation } from '../../dispatch/cell.ts';
import type { TimeLeft } from '../../cell/time-left.ts';
import type { BrinkError } from '../../errors.ts';
import { callOf, type Call } from './call.ts';
import type { FrameQueue, FromCell, ToCell } from './frames.ts';

/** What it is of, besides its id. */
export interface EmailCallOptions {
  readonly invocation: Invocation;
  readonly limit: TimeLeft;
  readonly out: FrameQueue<ToCell>;
  readonly resolve: (outcome: EmailOutcome) => void;
  readonly reject: (error: BrinkError) => void;
}

/** A message that a handler has, until its `waitUntil` work has ended too. */
export class EmailCall implements Call {
  readonly id: number;
  readonly invocation: Invocation;
  readonly limit: TimeLeft;
  readonly began = performance.now();
  deadline: number;
  expired = false;
  readonly #options: EmailCallOptions;
  #rejected: string | null = null;

  constructor(id: number, options: EmailCallOptions) {
    this.id = id;
    this.#options = options;
    this.invocation = options.invocation;
    this.limit = options.limit;
    this.deadline = this.began + options.limit.ms;
  }

  send({ from, to, raw }: EmailEvent): void {
    const { out, invocation } = this.#options;
    out.send(['email', this.id, from, to, out.own(raw), callOf(invocation)]);
  }

  frame(frame: FromCell): void {
    if (frame[0] === 'email-done') this.#rejected = frame[2];
    else if (frame[0] === 'settled') this.#options.resolve({ rejected: this.#rejected });
  }

  fail(error: BrinkError): void {
    this.deadline = Infinity;
    this.#options.reject(error);
  }

  expire(error: BrinkError): void {
    this.expired = true;
    this.fail(error);
    this.#options.out.send(['cancel', this.id]);
  }
}
