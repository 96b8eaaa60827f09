import type { ShadowMark } from '../../registry/shadow-record.ts';
import type { EventSink } from '../../observe/events.ts';
import type { Cell, Engine, LoadedVersion } from '../cell.ts';
import { BootGuard, SHORT_LIFE } from './boot-guard.ts';
import { classesOf, type ClassView } from './class-view.ts';
import { CPU_LOOK, CpuBudgets } from './cpu-budgets.ts';
import { ExpectedCalls } from './expected-calls.ts';
import { Hungry } from './hungry.ts';
import { MemoryGuard, type MemoryGauge } from './memory-guard.ts';
import type { PooledCell } from './pooled-cell.ts';
import { Room } from './room.ts';
import { scalingOf, type PoolLimits } from './settings.ts';
import { Shares, type Holder } from './shares.ts';
import { Shedding } from './shedding.ts';
import { Turns, type WaitOptions } from './turns.ts';
import { VersionCells, type VersionHost } from './version-cells.ts';
import { viewOf, type VersionView } from './view.ts';

export interface PoolOptions {
  readonly engine: Engine;
  readonly events: EventSink;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Ms by a clock that nobody sets: waits, pauses and load go by it; `now` where it is not given. */
  readonly clock?: () => number;
  readonly random: () => number;
  readonly limits: PoolLimits;
  /** As `Platform.waitUntil`: on workerd it keeps the context of a request that waits. */
  readonly waitUntil: (promise: Promise<unknown>) => void;
  /** Looks after the cells every so many ms; not there where timers belong to requests. */
  readonly every?: ((ms: number, run: () => void) => () => void) | undefined;
  /** Not there where nobody knows what the process has in memory. */
  readonly gauge?: MemoryGauge | undefined;
  /** Has something done once, in so many milliseconds, and gives what calls it off; the platform's own timer where it is not given. */
  readonly after?: (ms: number, run: () => void) => () => void;
}

/** How often cells are looked after, in ms. */
const LOOK = 250;
/** How long those that wait hold a host up that stops, in ms. */
const STOP_WITHIN = 10_000;

/**
 * The cells of all versions, and what admits calls to them. A call that finds room waits for nothing; others wait in the line
 * of their version, whose length and time are bounded.
 */
export class Pool {
  readonly #options: PoolOptions;
  readonly #versions = new Map<string, VersionCells>();
  /** What each function has of the host's places. */
  readonly #holders = new Map<string, Holder>();
  readonly #shares: Shares;
  readonly #room: Room;
  readonly #hungry: Hungry;
  readonly #guard: MemoryGuard;
  readonly #shedding: Shedding;
  readonly #boots: BootGuard;
  readonly #turns: Turns;
  /** null where no class has one. */
  readonly #cpu: CpuBudgets | null;
  readonly #host: VersionHost;
  readonly #time: () => number;
  readonly #expected: ExpectedCalls;
  #clock = 0;
  #stopLooking: (() => void) | undefined;
  #stopFilling: (() => void) | undefined;

  constructor(options: PoolOptions) {
    const { engine, limits, events, now, clock = now, gauge, every, waitUntil } = options;
    this.#options = options;
    this.#time = clock;
    this.#expected = new ExpectedCalls(now);
    this.#shares = new Shares(limits.calls);
    this.#guard = new MemoryGuard(gauge, events, now);
    this.#shedding = new Shedding(events, now);
    this.#boots = new BootGuard({ events, now, clock });
    this.#room = new Room({ limits, events, now, exact: engine.scales, versions: () => this.#versions.values() });
    this.#hungry = new Hungry({ shares: this.#shares, now: clock, sheds: () => this.#guard.sheds });
    const { budgets } = this.#room;
    const [shares, guard, shedding] = [this.#shares, this.#guard, this.#shedding];
    this.#turns = new Turns({ budgets, shares, guard, shedding, waitUntil, after: (ms, run) => this.#after(ms, run) });
    this.#cpu = limits.cpu === undefined || every === undefined ? null : new CpuBudgets({ cores: limits.cpu, events, now, clock });
    this.#host = this.#createHost();
    this.#stopLooking = every?.(LOOK, () => this.look());
    if (this.#cpu !== null) this.#stopFilling = every?.(CPU_LOOK, () => this.#fill());
  }

  /**
   * The cell for a call that begins there at once, before anything else happens; null where it has to `wait`.
   *
   * @param depth how many calls of functions it lies inside of: those have been admitted by the host already
   * @throws {BrinkError} `boot-loop`
   */
  find(version: LoadedVersion, depth: number): PooledCell | null {
    const own = this.#of(version);
    if (this.#boots.any) this.#lookAtBoots(own);
    if (depth === 0 && (this.#guard.sheds || !this.#shares.admits(own.holder))) return null;
    if (own.cpu !== null && depth === 0 && !own.cpu.arrives()) return null;
    const pooled = own.find(depth);
    if (pooled !== null) pooled.used = ++this.#clock;
    return pooled;
  }

  /**
   * Has a call begin when there is a cell for it, and tells how long that took in ms.
   *
   * @throws {BrinkError} `overloaded`, `boot-loop`
   */
  async wait<Result>(
    version: LoadedVersion,
    options: WaitOptions,
    begin: (pooled: PooledCell, waited: number) => Result,
  ): Promise<Awaited<Result>> {
    const since = this.#time();
    for (;;) {
      const pooled = await this.#turns.next(this.#of(version), { ...options, ms: options.ms - (this.#time() - since) });
      pooled.used = ++this.#clock;
      pooled.callComes();
      // It was given up in the moment in which the call heard of it.
      if (pooled.takes) return await begin(pooled, this.#time() - since);
      pooled.sync();
      const other = this.find(version, options.depth);
      if (other !== null) return await begin(other, this.#time() - since);
    }
  }

  /** Starts a cell ahead of calls, where there is none, and keeps it for some seconds. @throws {BrinkError} `overloaded`, `cell-start-failed`, `boot-loop` */
  async prepare(version: LoadedVersion): Promise<Cell> {
    const own = this.#of(version);
    if (this.#boots.any) this.#lookAtBoots(own);
    const pooled = own.ahead();
    if (pooled === null) throw this.#turns.shed(own, { depth: 0, waited: null });
    await pooled.cell.start();
    return pooled.cell;
  }

  /** Of a function's versions, these have so many cells at least, and the others none. */
  keepWarm(name: string, warm: readonly { readonly version: LoadedVersion; readonly cells: number }[]): void {
    if (!this.#options.engine.scales) return;
    const wanted = new Map(warm.map(({ version, cells }) => [version.artifact, cells]));
    for (const own of this.#versions.values()) {
      if (own.version.function === name) own.min = wanted.get(own.version.artifact) ?? 0;
    }
    for (const { version, cells } of warm) {
      const own = this.#of(version);
      own.min = cells;
      own.look(this.#time());
    }
  }

  /** A call of a function will come at this time. Shortly before, `warm` is called, which may `prepare` for it. */
  expect(name: string, at: number, warm: () => void): void {
    if (this.#options.every !== undefined) this.#expected.add(name, { at, warm });
  }

  /** Whether this host has a class of cells. Where the runtime places calls, none has an effect. */
  hasClass(name: string): boolean {
    return !this.#options.engine.scales || this.#room.budgets.has(name);
  }

  /** Whether a version has cells now. */
  uses(artifact: string): boolean {
    return (this.#versions.get(artifact)?.cells.length ?? 0) > 0;
  }

  /** Drains the cells of a function whose versions are not among `artifacts` any more, and those with older secrets. */
  keepOnly(name: string, artifacts: ReadonlySet<string>, secretsRevision = 0): void {
    for (const [artifact, own] of this.#versions) {
      if (own.version.function !== name || own.preparing) continue;
      if (!artifacts.has(own.version.partOf ?? artifact)) {
        this.drop(artifact, 'its version is gone');
        this.#boots.forget(artifact);
      } else if (own.version.secretsRevision < secretsRevision) own.dropAll('other secrets');
    }
    if (artifacts.size === 0) this.#holders.delete(name);
  }

  /** Drains the cells of a shadow, of whatever functions they are. */
  dropShadow({ function: name, id }: Pick<ShadowMark, 'function' | 'id'>, reason: string): void {
    for (const [artifact, { version }] of this.#versions)
      if (version.shadow?.function === name && version.shadow.id === id) this.drop(artifact, reason);
  }

  /** Drains the cells of a version. */
  drop(artifact: string, reason: string): void {
    const own = this.#versions.get(artifact);
    if (own === undefined) return;
    own.min = 0;
    own.dropAll(reason);
    if (own.waiting === 0) this.#versions.delete(artifact);
  }

  view(): VersionView[] {
    return [...this.#versions.values()].map((own) => viewOf(own, this.#room.budgets.classOf(own.scaling.class)));
  }

  /** Those that have a part of the host's memory or CPU time; the class that all others are in first. */
  classes(): ClassView[] {
    return classesOf(this.#versions.values(), { limits: this.#options.limits, budgets: this.#room.budgets, cpu: this.#cpu });
  }

  /** Lets what waits have its turn, and every cell finish what it runs. */
  async drain(): Promise<void> {
    this.#stopLooking?.();
    this.#stopLooking = undefined;
    const late = Promise.withResolvers<void>();
    const noTimer = this.#after(STOP_WITHIN, late.resolve);
    await Promise.race([this.#hungry.ended(), late.promise]);
    noTimer();
    this.#stopFilling?.();
    this.#stopFilling = undefined;
    const all = [...this.#versions.values()];
    this.#versions.clear();
    // Nobody waits for what a shadow still does.
    await Promise.all(
      all.flatMap(({ version, cells }) => cells.map(({ cell }) => (version.shadow ? cell.stop() : cell.drain('the host stops')))),
    );
  }

  /** Looks after all cells: how many there are to be, whether there is memory for them, and whether calls are still refused. */
  look(): void {
    const time = this.#time();
    this.#expected.look();
    for (const own of this.#versions.values()) {
      for (const pooled of own.cells) this.#room.measure(own.scaling, pooled);
      own.look(time);
    }
    if (this.#guard.look(this.#room.budgets.cells > 0)) this.#room.relieve();
    const starved = this.#hungry.feed(time);
    if (starved !== null) this.#room.trim(starved);
    this.#shedding.look();
    for (const [artifact, own] of this.#versions) if (own.unused) this.#versions.delete(artifact);
  }

  /** The budgets of CPU time have filled a little. */
  #fill(): void {
    if (this.#cpu!.look()) this.#hungry.filled();
  }

  #createHost(): VersionHost {
    const { engine, random } = this.#options;
    const host: VersionHost = {
      now: this.#time,
      random,
      start: (own, first) => {
        if (!this.#boots.admits(own.version)) return null;
        const bytes = this.#room.take(own.scaling, first);
        if (bytes === null) return null;
        const { cpu, holder } = own;
        return { cell: engine.cell(own.version, cpu === null ? undefined : (ms) => cpu.used(holder, ms)), bytes };
      },
      counted: (own, by) => this.#shares.change(own.holder, by),
      waits: (own, by) => {
        own.holder.waiting += by;
        if (own.cpu !== null) own.cpu.waiting += by;
        this.#shares.look(own.holder);
        this.#hungry.look(own);
      },
      released: (own, idle) => {
        if (this.#shedding.any) this.#shedding.look();
        this.#hungry.released(own, idle);
      },
      ended: (own, pooled) => this.#boots.ended(own.version, pooled.began),
      gone: (own, pooled) => {
        if (this.#room.give(own.scaling.class, pooled)) this.#hungry.roomCame();
      },
    };
    if (this.#cpu === null) return host;
    return {
      ...host,
      counted(own, by) {
        host.counted(own, by);
        if (by > 0) own.cpu?.begins(by);
      },
    };
  }

  /** Some versions have cells that end soon after their start. @throws {BrinkError} `boot-loop` where this one may have none now */
  #lookAtBoots({ version, cells }: VersionCells): void {
    for (const pooled of cells.slice()) pooled.sync();
    if (cells.length === 0) return this.#boots.admit(version);
    const time = this.#time();
    if (this.#boots.doubts(version) && cells.some(({ began }) => time - began >= SHORT_LIFE)) this.#boots.lives(version);
  }

  #of(version: LoadedVersion): VersionCells {
    const own = this.#versions.get(version.artifact);
    if (own === undefined) return this.#added(version);
    if (own.version !== version) own.meet(version);
    return own;
  }

  #added(version: LoadedVersion): VersionCells {
    const { engine, limits } = this.#options;
    // What a shadow has under way takes nothing of what its function may have.
    const owner = version.shadow === undefined ? version.function : `${version.function}#shadow`;
    let holder = this.#holders.get(owner);
    if (holder === undefined) this.#holders.set(owner, (holder = { calls: 0, waiting: 0, active: false }));
    const scaling = scalingOf(version.manifest, limits, engine.scales);
    const cpu = this.#cpu?.of(this.#room.budgets.classOf(scaling.class)) ?? null;
    const own = new VersionCells(version, { host: this.#host, holder, scaling, cpu });
    this.#versions.set(version.artifact, own);
    return own;
  }

  #after(ms: number, run: () => void): () => void {
    if (this.#options.after !== undefined) return this.#options.after(ms, run);
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  }
}
