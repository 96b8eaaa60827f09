import type { CircuitBreakerRule } from '../../registry/gateway/circuit-breaker.ts';
import { Window } from './window.ts';

export type CircuitState = 'closed' | 'open' | 'half-open';

/** Given to a request that may pass, which hands it back when it has its answer. */
export interface Permit {
  /** Which of the circuit's states it was given in, counted. */
  readonly epoch: number;
  /** When it counts no more, of a probe. */
  readonly lapses: number;
}

export interface CircuitOptions {
  readonly rule: Pick<CircuitBreakerRule, 'errors' | 'window' | 'minimum' | 'open' | 'probes'>;
  /** Milliseconds after which a probe that was never heard of again is another's to make: requests can end without a word. */
  readonly patience: number;
  readonly changed: (state: CircuitState, why: string) => void;
}

/** Closed while enough requests succeed; open for a time where they do not; and then half open, until some have. */
export class Circuit {
  readonly #options: CircuitOptions;
  readonly #window: Window;
  readonly #probes = new Set<Permit>();
  #state: CircuitState = 'closed';
  #epoch = 0;
  /** When it is open no more. */
  #until = 0;
  /** Probes that have succeeded. */
  #good = 0;

  constructor(options: CircuitOptions) {
    this.#options = options;
    this.#window = new Window(options.rule.window);
  }

  /** A permit, or the milliseconds after which there may be one. @param time milliseconds */
  admit(time: number): Permit | number {
    if (this.#state === 'closed') return { epoch: this.#epoch, lapses: Infinity };
    if (this.#state === 'open') {
      if (time < this.#until) return this.#until - time;
      this.#become('half-open', `it is tried with ${this.#options.rule.probes} at once`);
    }
    for (const probe of this.#probes) if (probe.lapses <= time) this.#probes.delete(probe);
    if (this.#probes.size + this.#good >= this.#options.rule.probes) return 1_000;
    const probe = { epoch: this.#epoch, lapses: time + this.#options.patience };
    this.#probes.add(probe);
    return probe;
  }

  /** @param failure null: it has not failed; undefined: nobody knows, as its client has left */
  settle(permit: Permit, failure: string | null | undefined, time: number): void {
    // What began before the last change says nothing of what is now.
    if (permit.epoch !== this.#epoch) return;
    if (this.#state === 'half-open') {
      this.#probes.delete(permit);
      if (failure === undefined) return;
      if (failure !== null) return this.#open(`a probe failed with ${failure}`, time);
      if (++this.#good >= this.#options.rule.probes) this.#become('closed', 'probes succeeded');
      return;
    }
    if (failure === undefined) return;
    this.#window.add(time, 1, failure === null ? 0 : 1);
    if (failure === null) return;
    const { errors, minimum, window } = this.#options.rule;
    const [requests, failed] = this.#window.sums(time);
    if (requests >= minimum && failed >= requests * errors)
      this.#open(`${failed} of ${requests} requests failed in ${window / 1_000} s, the last with ${failure}`, time);
  }

  #open(why: string, time: number): void {
    this.#until = time + this.#options.rule.open;
    this.#become('open', why);
  }

  #become(state: CircuitState, why: string): void {
    this.#state = state;
    this.#epoch++;
    this.#good = 0;
    this.#probes.clear();
    this.#window.clear();
    this.#options.changed(state, why);
  }
}
