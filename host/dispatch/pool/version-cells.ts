import type { Cell, LoadedVersion } from '../cell.ts';
import { Autoscaler } from './autoscaler.ts';
import { Line, type Waiting } from './line.ts';
import type { CpuBudget } from './cpu-budget.ts';
import { PooledCell, type CellOwner } from './pooled-cell.ts';
import { createPolicy, type Policy } from './policy.ts';
import { targetOf, type Scaling } from './settings.ts';
import type { Holder } from './shares.ts';

/** What the cells of one version ask of their pool. */
export interface VersionHost {
  readonly random: () => number;
  readonly now: () => number;
  /** A cell that is accounted for; null where the host has no room. `first`: others that are idle make room for it. */
  start(own: VersionCells, first: boolean): { readonly cell: Cell; readonly bytes: number } | null;
  counted(own: VersionCells, by: number): void;
  /** So many more calls wait, or fewer. */
  waits(own: VersionCells, by: number): void;
  /** A place has come free, or a cell. */
  released(own: VersionCells, idle: boolean): void;
  /** A cell has ended by itself. */
  ended(own: VersionCells, pooled: PooledCell): void;
  /** A cell is given no more calls, or has stopped: what it had comes free as soon as nothing runs there. */
  gone(own: VersionCells, pooled: PooledCell): void;
}

/** A start that failed is tried again by itself only after a pause that doubles, in ms; a call tries it at once. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 60_000;
/** A cell that was started ahead of calls stays so long without any, in ms. */
const AHEAD = 10_000;
/** So much load is written down where calls came and went between two looks: it is used, and no more cells are wanted. */
const SOME = 0.001;

export interface VersionCellsOptions {
  readonly host: VersionHost;
  readonly holder: Holder;
  readonly scaling: Scaling;
  readonly cpu: CpuBudget | null;
}

/** The cells of one version, and the calls that wait for them. */
export class VersionCells implements CellOwner {
  readonly holder: Holder;
  readonly scaling: Scaling;
  /** That of its class; null where that has none. */
  readonly cpu: CpuBudget | null;
  readonly timed: boolean;
  version: LoadedVersion;
  /** How many it is to have though nothing calls it. */
  min = 0;
  /** Calls under way. */
  calls = 0;
  waiting = 0;
  /** Calls that were refused. */
  shed = 0;
  readonly cells: PooledCell[] = [];
  readonly #host: VersionHost;
  readonly #policy: Policy;
  readonly #autoscaler: Autoscaler;
  /** Those that have room: of the ready ones, or of those that start while none is ready. */
  readonly #open: PooledCell[] = [];
  /** By how many calls of functions lie around theirs: those further in go first, as others wait for them. */
  readonly #lines: Line<PooledCell>[] = [new Line()];
  #begun = 0;
  #looked = 0;
  #failures = 0;
  #pausedUntil = -Infinity;
  #keptUntil = -Infinity;

  constructor(version: LoadedVersion, { host, holder, scaling, cpu }: VersionCellsOptions) {
    this.version = version;
    this.holder = holder;
    this.scaling = scaling;
    this.cpu = cpu;
    this.timed = scaling.policy === 'latency';
    this.#host = host;
    this.#policy = createPolicy(scaling.policy, host.random);
    const { maxCells: max, idleMs: idle, autoscaling } = scaling;
    this.#autoscaler = new Autoscaler({ target: targetOf(scaling), min: 0, max, idle, ...autoscaling });
  }

  /**
   * The cell for a call, which has to begin there at once; null where it has to wait. Calls wait in the order in which they
   * came. One of a call that lies inside of `depth` others has as many more places: else those that wait for one another
   * could have them all.
   */
  find(depth: number): PooledCell | null {
    const line = this.#lines[depth];
    if (line !== undefined && line.size > 0) return null;
    return this.#place(depth);
  }

  /** Gives what leaves the line; undefined where that is full. */
  join(depth: number, waiting: Waiting<PooledCell>): (() => boolean) | undefined {
    while (this.#lines.length <= depth) this.#lines.push(new Line());
    const line = this.#lines[depth]!;
    if (line.size >= this.scaling.queue) return undefined;
    const leave = line.join(waiting);
    this.#waits(1);
    if (this.#open.length === 0 && (depth > 0 || !this.#heldBack)) this.grow(1);
    return () => {
      const left = leave();
      if (left) this.#waits(-1);
      return left;
    };
  }

  /** Lets calls begin that lie inside of others, as far as there is room. */
  pumpNested(): void {
    for (let depth = this.#lines.length - 1; depth > 0; depth--) while (this.#pumpOne(depth));
  }

  /** Lets the first of the others begin; false where none waits, or there is no room. */
  pumpOne(): boolean {
    return this.#pumpOne(0);
  }

  /** Starts so many more cells, as far as version and host may have them. */
  grow(count: number): void {
    if (this.cells.some(({ state }) => state === 'starting') && this.cells.length >= this.min) return;
    for (let more = count; more > 0 && this.cells.length < this.scaling.maxCells; more--) {
      if (this.#host.now() < this.#pausedUntil || this.#start(false) === null) break;
    }
    if (this.waiting > 0 && this.#open.length > 0) this.#host.released(this, false);
  }

  /** Starts a cell ahead of calls where there is none, and keeps it for a while. null where the host has no room. */
  ahead(): PooledCell | null {
    this.#keptUntil = this.#host.now() + AHEAD;
    return this.cells.find(({ state }) => state === 'ready') ?? this.cells[0] ?? this.#start(true);
  }

  /** Calls will come at this time. */
  expect(at: number): void {
    this.#autoscaler.expect(at, 1);
  }

  /** Looks how many cells it is to have. */
  look(time: number): void {
    for (const pooled of this.cells.slice()) pooled.sync();
    const load = this.calls + (this.#heldBack ? 0 : this.waiting);
    this.#autoscaler.record(time, load > 0 ? load : this.#begun > this.#looked ? SOME : 0);
    this.#looked = this.#begun;
    const kept = this.preparing ? 1 : 0;
    const wanted = Math.max(this.#autoscaler.desired(time, this.cells.length), Math.min(this.min, this.scaling.maxCells), kept);
    if (wanted > this.cells.length) this.grow(wanted - this.cells.length);
    else this.#shrink(wanted);
    this.#growForWaiting();
  }

  /** Whether a cell was started ahead of calls not long ago. */
  get preparing(): boolean {
    return this.#host.now() < this.#keptUntil;
  }

  /** Whether calls wait that lie inside of others. */
  get nested(): boolean {
    return this.#lines.some((line, depth) => depth > 0 && line.size > 0);
  }

  /** Whether there is nothing that it would have to be kept for. */
  get unused(): boolean {
    return this.cells.length === 0 && this.waiting === 0 && this.min === 0 && this.calls === 0;
  }

  /** Gives a cell up: it finishes what it runs. */
  drop(pooled: PooledCell, reason: string): void {
    const at = this.cells.indexOf(pooled);
    if (at === -1) return;
    this.cells.splice(at, 1);
    this.#refresh();
    pooled.cell.drain(reason).catch(() => {});
    this.#host.gone(this, pooled);
  }

  dropAll(reason: string): void {
    for (const pooled of this.cells.slice()) this.drop(pooled, reason);
  }

  /** The same version, read anew. Where the function has other secrets now, cells that know older ones are replaced. */
  meet(version: LoadedVersion): void {
    const { secretsRevision } = this.version;
    if (version.secretsRevision < secretsRevision) return;
    this.version = version;
    if (version.secretsRevision > secretsRevision) this.dropAll('other secrets');
  }

  counted(pooled: PooledCell, by: number): void {
    const { concurrency } = this.scaling;
    this.calls += by;
    if (by > 0) this.#begun += by;
    this.#host.counted(this, by);
    const full = pooled.inFlight >= concurrency;
    if (full !== pooled.inFlight - by >= concurrency) this.#refresh();
    if (by < 0) this.#host.released(this, pooled.inFlight === 0);
  }

  moved(pooled: PooledCell): void {
    if (pooled.state === 'ready') this.#failures = 0;
    if (pooled.state === 'stopped' || pooled.state === 'draining') {
      const at = this.cells.indexOf(pooled);
      if (at !== -1) this.cells.splice(at, 1);
      if (at !== -1 && !pooled.wasReady) this.#startFailed();
      if (at !== -1 && pooled.state === 'stopped') this.#host.ended(this, pooled);
      this.#host.gone(this, pooled);
    }
    this.#refresh();
    this.#host.released(this, true);
    this.#growForWaiting();
  }

  #place(depth: number): PooledCell | null {
    const open = this.#open;
    const pooled = open.length === 1 ? open[0]! : open.length > 1 ? open[this.#policy.pick(open)]! : this.#elsewhere(depth);
    if (pooled !== null) pooled.begin();
    return pooled;
  }

  #elsewhere(depth: number): PooledCell | null {
    // For what answers nobody none of those that do makes room.
    if (this.cells.length === 0) return this.#start(this.version.shadow === undefined);
    if (depth === 0) return null;
    let least = this.cells[0]!;
    for (const pooled of this.cells) if (pooled.inFlight < least.inFlight) least = pooled;
    return least.inFlight < this.scaling.concurrency * (depth + 1) ? least : null;
  }

  #pumpOne(depth: number): boolean {
    const line = this.#lines[depth]!;
    if (line.size === 0) return false;
    const pooled = this.#place(depth);
    if (pooled === null) return false;
    pooled.expectCall();
    const waiting = line.next();
    this.#waits(-1);
    waiting.go(pooled);
    return true;
  }

  #start(first: boolean): PooledCell | null {
    const started = this.#host.start(this, first);
    if (started === null) return null;
    const pooled = new PooledCell(started.cell, this, { bytes: started.bytes, began: this.#host.now() });
    this.cells.push(pooled);
    this.#refresh();
    return pooled;
  }

  #growForWaiting(): void {
    if (this.waiting > 0 && this.#open.length === 0 && !this.#heldBack) this.grow(1);
  }

  /** Whether what waits does so for CPU time, which more cells would not give it. */
  get #heldBack(): boolean {
    return this.cpu?.holds === true;
  }

  #startFailed(): void {
    this.#pausedUntil = this.#host.now() + Math.min(FIRST_PAUSE * 2 ** this.#failures, LONGEST_PAUSE);
    this.#failures++;
  }

  #shrink(wanted: number): void {
    if (this.cells.length <= wanted) return;
    const idle = this.cells.filter(({ idle }) => idle).toSorted((a, b) => a.used - b.used);
    for (const pooled of idle.slice(0, this.cells.length - wanted)) this.drop(pooled, 'idle');
  }

  #refresh(): void {
    const open = this.#open;
    open.length = 0;
    const { concurrency } = this.scaling;
    const ready = this.cells.some(({ state }) => state === 'ready');
    for (const pooled of this.cells) {
      if (pooled.inFlight < concurrency && pooled.state === (ready ? 'ready' : 'starting')) open.push(pooled);
    }
  }

  #waits(by: number): void {
    this.waiting += by;
    this.#host.waits(this, by);
  }
}
