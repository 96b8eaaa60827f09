import type { Engine, LoadedVersion } from '../../host/dispatch/cell.ts';
import { Pool } from '../../host/dispatch/pool/pool.ts';
import type { PooledCell } from '../../host/dispatch/pool/pooled-cell.ts';
import { nextLatency } from '../../host/dispatch/pool/policy.ts';
import { Call, type Work } from './call.ts';
import { SimulatedCell } from './cell.ts';
import { COSTS } from './constants.ts';
import { Cores, type Thread } from './cores.ts';
import type { Events } from './events.ts';
import type { Measure } from './measure.ts';
import type { Random } from './random.ts';
import { limitsOf, type Settings } from './settings.ts';

export interface HostOptions {
  readonly events: Events;
  readonly measure: Measure;
  readonly settings: Settings;
  /** For its policies. */
  readonly random: Random;
}

/** One machine: cores, memory for cells, blank threads, and the host's own pool, over cells that are simulated. */
export class SimulatedHost {
  readonly cores: Cores;
  readonly #events: Events;
  readonly #measure: Measure;
  readonly #settings: Settings;
  readonly #pool: Pool;
  /** Cells of each function that it has started so far. */
  readonly #begun = new Map<string, number>();
  #blanks: number;
  #bytes = 0;
  /** Bytes × ms. */
  #byteTime = 0;
  #changed = 0;

  constructor({ events, measure, settings, random }: HostOptions) {
    this.#events = events;
    this.#measure = measure;
    this.#settings = settings;
    this.cores = new Cores(events, settings.cores);
    this.#blanks = settings.blanks;
    this.#pool = new Pool({
      engine: this.#engine(),
      events: () => {},
      now: () => events.now,
      random,
      limits: limitsOf(settings),
      waitUntil: () => {},
      every: (ms, run) => events.every(ms, run),
      after: (ms, run) => events.after(ms, run),
    });
  }

  accept(version: LoadedVersion, work: Work): void {
    const call = new Call(this.#events.now, work);
    const pooled = this.#pool.find(version, 0);
    if (pooled !== null) return this.#begin(call, pooled);
    this.#events.expected++;
    this.#pool
      .wait(version, { depth: 0, ms: Infinity, signal: null }, (late) => this.#begin(call, late))
      .catch(() => this.#measure.shed(call.arrived))
      .finally(() => void this.#events.expected--);
  }

  /** Bytes × ms so far. */
  get byteTime(): number {
    this.#account(0);
    return this.#byteTime;
  }

  #begin(call: Call, pooled: PooledCell): void {
    const began = this.#events.now;
    // The engine below makes no others.
    const cell = pooled.cell as SimulatedCell;
    call.cold = cell.state === 'starting';
    call.ended = (now) => {
      pooled.latency = nextLatency(pooled.latency, now - began);
      cell.ended();
      this.#measure.answered(call, now);
    };
    cell.run(call, this.#events);
  }

  #engine(): Engine {
    return {
      name: 'node',
      scales: true,
      cell: (version, cpu) => this.#start(version.artifact, cpu),
      probe: () => Promise.resolve(['fetch']),
      serve() {},
      stop: () => Promise.resolve(),
    };
  }

  #start(artifact: string, cpu: ((ms: number) => void) | undefined): SimulatedCell {
    const { slow } = this.#settings;
    const begun = this.#begun.get(artifact) ?? 0;
    this.#begun.set(artifact, begun + 1);
    this.#account(COSTS.cellBytes);
    return new SimulatedCell({
      cores: this.cores,
      cpu,
      ms: this.#takeBlank() ? COSTS.startWarm : COSTS.startCold,
      slow: begun % slow.each === 1 ? slow.times : 1,
      stopped: () => this.#account(-COSTS.cellBytes),
    });
  }

  #takeBlank(): boolean {
    if (this.#blanks === 0) return false;
    this.#blanks--;
    const refill: Thread = { computed: () => void this.#blanks++ };
    this.cores.compute(refill, COSTS.blankCpu);
    return true;
  }

  #account(bytes: number): void {
    this.#byteTime += this.#bytes * (this.#events.now - this.#changed);
    this.#changed = this.#events.now;
    this.#bytes += bytes;
  }
}
