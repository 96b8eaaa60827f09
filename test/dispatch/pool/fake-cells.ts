import type { Cell, CellState, Engine, Invocation, LoadedVersion } from '../../../host/dispatch/cell.ts';
import { Pool, type PoolOptions } from '../../../host/dispatch/pool/pool.ts';
import type { PoolLimits } from '../../../host/dispatch/pool/settings.ts';
import type { WaitOptions } from '../../../host/dispatch/pool/turns.ts';
import { BrinkError } from '../../../host/errors.ts';
import type { HostEvent } from '../../../host/observe/events.ts';
import { parseManifest } from '../../../host/registry/parse-manifest.ts';

/** A cell that does what a test says, when it says so. */
export class FakeCell implements Cell {
  state: CellState = 'starting';
  inFlight = 0;
  open = 0;
  memory: number | null = null;
  readonly version: LoadedVersion;
  /** The most calls that it had at once. */
  most = 0;
  reason: string | undefined;
  readonly #calls = new Set<PromiseWithResolvers<Response>>();
  readonly #started = Promise.withResolvers<void>();
  #changed: () => void = () => {};

  /** It has used so much CPU time, in ms. */
  readonly uses: (ms: number) => void;

  constructor(version: LoadedVersion, cpu: (ms: number) => void = () => {}) {
    this.version = version;
    this.uses = cpu;
    this.#started.promise.catch(() => {});
  }

  watch(changed: () => void): void {
    this.#changed = changed;
  }

  start(): Promise<void> {
    return this.#started.promise;
  }

  fetch(_request: Request, _invocation: Invocation): Promise<Response> {
    if (this.state === 'stopped') return Promise.reject(new BrinkError('cell-crashed', 'It has stopped.'));
    const call = Promise.withResolvers<Response>();
    this.#calls.add(call);
    this.inFlight++;
    this.most = Math.max(this.most, this.inFlight);
    return call.promise;
  }

  email = () => Promise.resolve({ rejected: null });
  scheduled = () => Promise.resolve({ noRetry: false });
  queue = () => Promise.resolve({ said: [], failure: null });
  rpc(): never {
    throw new Error('Nothing calls these.');
  }

  drain(reason?: string): Promise<void> {
    this.reason = reason;
    this.#become('draining');
    if (this.inFlight === 0) this.#become('stopped');
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.crash();
    return Promise.resolve();
  }

  ready(): void {
    this.#started.resolve();
    this.#become('ready');
  }

  /** The call that began first is answered. */
  answer(): void {
    const [call] = this.#calls;
    if (call === undefined) throw new Error('Nothing runs there.');
    this.#calls.delete(call);
    this.inFlight--;
    call.resolve(new Response('done'));
    this.#changed();
    if (this.state === 'draining' && this.inFlight === 0) this.#become('stopped');
  }

  crash(): void {
    this.#started.reject(new BrinkError('cell-start-failed', 'It does not start.'));
    for (const call of this.#calls) call.reject(new BrinkError('cell-crashed', 'It has crashed.'));
    this.#calls.clear();
    this.inFlight = 0;
    this.#become('stopped');
  }

  #become(state: CellState): void {
    this.state = state;
    this.#changed();
  }
}

export const LIMITS: PoolLimits = { calls: Infinity, cells: Infinity, cellsOfVersion: 4, memory: null };

export function version(artifact: string, { name = 'fn', ...manifest }: { name?: string; [key: string]: unknown } = {}): LoadedVersion {
  return {
    artifact,
    function: name,
    number: 1,
    digest: artifact,
    manifest: parseManifest({ name, ...manifest }),
    load: () => Promise.reject(new Error('not here')),
    secretsRevision: 0,
    secrets: () => Promise.resolve({}),
  };
}

export interface Bench {
  readonly pool: Pool;
  readonly cells: readonly FakeCell[];
  readonly events: readonly HostEvent[];
  /** Lets time pass: timers fire, and cells are looked after. */
  pass(ms: number): void;
  /** Runs a call, and says where it is. */
  call(version: LoadedVersion, options?: Partial<WaitOptions>): Call;
}

export interface Call {
  state: 'waiting' | 'running' | 'done' | 'failed';
  cell: FakeCell | undefined;
  waited: number | undefined;
  readonly result: Promise<Response>;
  error: unknown;
}

/** A pool of fake cells, whose time stands still. */
export function setup({
  scales = true,
  ready = true,
  ...options
}: Partial<PoolOptions> & { scales?: boolean; ready?: boolean } = {}): Bench {
  const cells: FakeCell[] = [];
  const events: HostEvent[] = [];
  const timers = new Map<object, { readonly at: number; readonly run: () => void; readonly every: number | null }>();
  let time = 1_000_000;
  const engine: Engine = {
    name: 'node',
    scales,
    cell(of, cpu) {
      const cell = new FakeCell(of, cpu);
      cells.push(cell);
      if (ready) cell.ready();
      return cell;
    },
    probe: () => Promise.resolve(['fetch']),
    serve() {},
    stop: () => Promise.resolve(),
  };
  const set = (every: number | null) => (ms: number, run: () => void) => {
    const timer = {};
    timers.set(timer, { at: time + ms, run, every });
    return () => void timers.delete(timer);
  };
  const every = (ms: number, run: () => void) => {
    const timer = {};
    timers.set(timer, { at: time + ms, run, every: ms });
    return () => void timers.delete(timer);
  };
  const pool = new Pool({
    engine,
    events: (event) => void events.push(event),
    now: () => time,
    random: Math.random,
    limits: LIMITS,
    waitUntil: () => {},
    after: set(null),
    ...(scales && { every }),
    ...options,
  });
  return {
    pool,
    cells,
    events,
    pass(ms) {
      const until = time + ms;
      for (;;) {
        const next = [...timers].filter(([, { at }]) => at <= until).toSorted(([, a], [, b]) => a.at - b.at)[0];
        if (next === undefined) break;
        const [timer, { at, run, every: again }] = next;
        time = at;
        if (again === null) timers.delete(timer);
        else timers.set(timer, { at: at + again, run, every: again });
        run();
      }
      time = until;
    },
    call(of, { depth = 0, ms = Infinity, signal = null } = {}) {
      const call: Call = { state: 'waiting', cell: undefined, waited: undefined, error: undefined, result: undefined as never };
      const begin = ({ cell }: { cell: Cell }, waited: number) => {
        Object.assign(call, { state: 'running', cell, waited });
        return cell.fetch(new Request('http://localhost/'), {} as Invocation);
      };
      const pooled = pool.find(of, depth);
      const result = pooled === null ? pool.wait(of, { depth, ms, signal }, begin) : begin(pooled, 0);
      result.then(
        () => (call.state = 'done'),
        (error: unknown) => Object.assign(call, { state: 'failed', error }),
      );
      return Object.assign(call, { result });
    },
  };
}

/** Until all that has been resolved has been heard of. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
