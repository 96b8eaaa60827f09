import type { Cell, CellState } from '../../host/dispatch/cell.ts';
import type { Call } from './call.ts';
import type { Cores, Thread } from './cores.ts';
import type { Events } from './events.ts';

export interface CellOptions {
  readonly cores: Cores;
  /** CPU until it is ready. */
  readonly ms: number;
  /** Is told of CPU that was used. */
  readonly cpu: ((ms: number) => void) | undefined;
  /** So many times the CPU that calls take elsewhere. */
  readonly slow: number;
  readonly stopped: () => void;
}

/** One thread with an event loop: it computes for one call at a time, in the order in which they asked. */
export class SimulatedCell implements Cell, Thread {
  readonly memory = null;
  readonly #options: CellOptions;
  /** Who computes now and who is next, each with its ms. The first of all is its own start. */
  readonly #turns: { readonly call: Call | null; readonly ms: number }[] = [];
  #changed: () => void = () => {};
  state: CellState = 'starting';
  inFlight = 0;
  readonly open = 0;

  constructor(options: CellOptions) {
    this.#options = options;
    this.compute(null, options.ms);
  }

  watch(changed: () => void): void {
    this.#changed = changed;
  }

  run(call: Call, events: Events): void {
    this.inFlight++;
    call.begin(this, events);
  }

  ended(): void {
    this.inFlight--;
    this.#changed();
    if (this.state === 'draining' && this.inFlight === 0) this.#stop();
  }

  compute(call: Call | null, ms: number): void {
    if (this.#turns.push({ call, ms }) === 1) this.#next();
  }

  computed(now: number): void {
    const { call, ms } = this.#turns.shift()!;
    this.#options.cpu?.(this.#needs(call, ms));
    if (this.#turns.length > 0) this.#next();
    if (call !== null) return call.computed(now);
    if (this.state === 'starting') this.#become('ready');
  }

  drain(): Promise<void> {
    this.#become('draining');
    if (this.inFlight === 0) this.#stop();
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return Promise.reject(new Error('Nobody stops a cell while it has calls.'));
  }

  start = () => Promise.resolve();
  fetch = noRequests;
  email = noRequests;
  scheduled = noRequests;
  rpc = noRequests;
  queue = noRequests;

  #next(): void {
    const { call, ms } = this.#turns[0]!;
    this.#options.cores.compute(this, this.#needs(call, ms));
  }

  #needs(call: Call | null, ms: number): number {
    return call === null ? ms : ms * this.#options.slow;
  }

  #stop(): void {
    this.#become('stopped');
    this.#options.stopped();
  }

  #become(state: CellState): void {
    this.state = state;
    this.#changed();
  }
}

function noRequests(): never {
  throw new Error('A simulated cell runs calls, which are no requests.');
}
