import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { cellSource } from './cell-source.ts';
import { heapOf } from './heap.ts';
import type { BlankData } from './worker/data.ts';

export interface BlankOptions {
  /** Of a cell, in MB. */
  readonly memory: number;
  /** How many ms its clock is ahead of the machine's, where it can be. */
  readonly ahead?: Float64Array | undefined;
}

export interface BlanksOptions extends BlankOptions {
  /** How many are kept waiting. */
  readonly size: number;
}

/** A cell has connections, and of the machine nothing else: no files, processes, threads, addons, inspector. */
const PERMISSIONS = ['--permission', '--allow-net', '--no-warnings'];

/** Bytes of free memory below which none are started ahead: a cell that is there is worth more. */
const SHORT_OF_MEMORY = 256 * 1024 * 1024;
/** Between looks at whether the host has time to start one, in ms. */
const LOOK = 25;
/** The share of its time that a host with work to do is busy. */
const BUSY = 0.7;
/** Then one is started all the same, so that a host under steady load has one as well, in ms. */
const PATIENCE = 1_000;

/**
 * Threads that are started ahead and wait for an artifact. What is the same for every function is loaded by then, which
 * is most of the time that a cell takes to start. Each serves once.
 */
export class Blanks {
  readonly #options: BlanksOptions;
  readonly #waiting = new Set<Worker>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: BlanksOptions) {
    this.#options = options;
    this.#refill();
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** One that waits, whose heap is large enough: that is fixed when a thread is made. Else a new one. */
  async take(memory: number): Promise<Worker> {
    const [worker] = memory <= this.#options.memory ? this.#waiting : [];
    if (worker === undefined) return startBlank({ ...this.#options, memory });
    this.#waiting.delete(worker);
    worker.ref();
    this.#refill();
    return worker;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await Promise.all([...this.#waiting].map((worker) => worker.terminate()));
  }

  /** When the host has nothing better to do: whoever has just taken one has requests that wait for it. */
  #refill(since = performance.now(), delay = LOOK): void {
    if (this.#stopped || this.#timer !== undefined || this.#waiting.size >= this.#options.size) return;
    const before = performance.eventLoopUtilization();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (process.availableMemory() < SHORT_OF_MEMORY) return this.#refill(since, PATIENCE);
      const { utilization } = performance.eventLoopUtilization(before);
      if (utilization > BUSY && performance.now() - since < PATIENCE) return this.#refill(since);
      void this.#add().then(() => this.#refill());
      return undefined;
    }, delay).unref();
  }

  async #add(): Promise<void> {
    const worker = await startBlank(this.#options);
    if (this.#stopped) return void worker.terminate();
    worker.unref();
    this.#waiting.add(worker);
    worker.once('exit', () => this.#waiting.delete(worker)).on('error', () => {});
  }
}

/** A thread that has been told to load what a cell is made of, and then waits for its `CellData`. */
export async function startBlank({ memory, ahead }: BlankOptions): Promise<Worker> {
  const worker = new Worker(await cellSource(), {
    eval: true,
    workerData: { ...(ahead && { ahead }) } satisfies BlankData,
    name: 'brink-cell',
    resourceLimits: heapOf(memory),
    env: {},
    execArgv: PERMISSIONS,
    argv: [],
    stdin: false,
    stdout: true,
    stderr: true,
  });
  // What is printed past `console` (by Node itself) belongs to no invocation; without a reader it would pile up.
  worker.stdout.resume();
  worker.stderr.resume();
  return worker;
}
