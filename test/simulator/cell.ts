import type { Evictable } from '../../host/dispatch/pool/evict.ts';
import { nextLatency, type Candidate } from '../../host/dispatch/pool/policy.ts';
import type { Call } from './call.ts';
import { COSTS } from './constants.ts';
import type { Cores, Thread } from './cores.ts';
import type { SimulatedPool } from './pool.ts';

export interface CellOptions {
  readonly cores: Cores;
  /** CPU until it is ready. */
  readonly ms: number;
  /** So many times the CPU that calls take elsewhere. */
  readonly slow: number;
  readonly now: number;
}

/** One thread with an event loop: it computes for one call at a time, in the order in which they asked. */
export class SimulatedCell implements Thread, Candidate, Evictable {
  readonly owner: SimulatedPool;
  readonly bytes = COSTS.cellBytes;
  readonly #cores: Cores;
  readonly #slow: number;
  /** Who computes now and who is next, each with its ms. */
  readonly #turns: { readonly call: Call; readonly ms: number }[] = [];
  state: 'starting' | 'ready' | 'draining' | 'stopped' = 'starting';
  inFlight = 0;
  latency = 0;
  used: number;

  constructor(owner: SimulatedPool, { cores, ms, slow, now }: CellOptions) {
    this.owner = owner;
    this.used = now;
    this.#cores = cores;
    this.#slow = slow;
    cores.compute(this, ms);
  }

  take(call: Call, now: number): void {
    this.inFlight++;
    this.used = now;
    call.begin(this, now);
  }

  give(call: Call, now: number): void {
    this.inFlight--;
    this.latency = nextLatency(this.latency, now - call.began);
  }

  compute(call: Call, ms: number): void {
    if (this.#turns.push({ call, ms }) === 1) this.#cores.compute(this, ms * this.#slow);
  }

  computed(now: number): void {
    if (this.state === 'starting') {
      this.state = 'ready';
      return this.owner.started(this, now);
    }
    const { call } = this.#turns.shift()!;
    if (this.#turns.length > 0) this.#cores.compute(this, this.#turns[0]!.ms * this.#slow);
    call.computed(now);
  }
}
