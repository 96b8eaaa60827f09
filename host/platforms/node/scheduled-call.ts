import type { Invocation, ScheduledOutcome } from '../../dispatch/cell.ts';
import type { BrinkError } from '../../errors.ts';
import type { Call } from './call.ts';
import type { FromCell } from './frames.ts';

export class ScheduledCall implements Call {
  readonly invocation: Invocation;
  readonly id: number;
  readonly limit = null;
  readonly began = performance.now();
  deadline = Infinity;
  readonly expired = false;
  readonly #resolve: (outcome: ScheduledOutcome) => void;
  readonly #reject: (error: BrinkError) => void;
  #noRetry = false;

  constructor(id: number, invocation: Invocation, resolve: (outcome: ScheduledOutcome) => void, reject: (error: BrinkError) => void) {
    this.id = id;
    this.invocation = invocation;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  frame(frame: FromCell): void {
    if (frame[0] === 'scheduled-done') this.#noRetry = frame[2];
    else if (frame[0] === 'settled') this.#resolve({ noRetry: this.#noRetry });
  }

  fail(error: BrinkError): void {
    this.#reject(error);
  }

  /** It has no deadline. */
  expire(): void {}
}
