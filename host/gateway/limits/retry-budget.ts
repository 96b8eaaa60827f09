import type { RetryBudgetRule } from '../../registry/gateway/retry.ts';
import { Window } from './window.ts';

/** How many repetitions there may be, by how many requests there were: an outage gets no more than a share on top. */
export class RetryBudget {
  readonly #rule: RetryBudgetRule;
  readonly #window: Window;

  constructor(rule: RetryBudgetRule) {
    this.#rule = rule;
    this.#window = new Window(rule.period);
  }

  request(time: number): void {
    this.#window.add(time, 1, 0);
  }

  /** Takes one repetition, where there is one. */
  take(time: number): boolean {
    const { share, minimum } = this.#rule;
    const [requests, repeated] = this.#window.sums(time);
    if (repeated >= Math.max(minimum, Math.floor(requests * share + 1e-9))) return false;
    this.#window.add(time, 0, 1);
    return true;
  }
}
