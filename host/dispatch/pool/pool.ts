import type { ShadowMark } from '../../registry/shadow-record.ts';
import type { EventSink } from '../../observe/events.ts';
import type { BrinkError } from '../../errors.ts';
import type { Cell, Engine, LoadedVersion } from '../cell.ts';
import { BootGuard, SHORT_LIFE } from './boot-guard.ts';
import { ExpectedCalls } from './expected-calls.ts';
import { Hungry } from './hungry.ts';
import { MemoryGuard, type MemoryGauge } from './memory-guard.ts';
import type { PooledCell } from './pooled-cell.ts';
import { Room } from './room.ts';
import { scalingOf, type PoolLimits } from './settings.ts';
import { Shares, type Holder } from './shares.ts';
import { hasLeft, overloaded, Shedding, type Full } from './shedding.ts';
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

export interface WaitOptions {
  /** How many calls of functions it lies inside of. */
  readonly depth: number;
  /** How long it may wait at most, in ms, where `queue_ms` is not less. */
  readonly ms: number;
  /** Aborted when its caller wants it no more; null where nobody says so. */
  readonly signal: AbortSignal | null;
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
  readonly #host: VersionHost;
  readonly #time: () => number;
  readonly #expected: ExpectedCalls;
  #clock = 0;
  #stopLooking: (() => void) | undefined;

  constructor(options: PoolOptions) {
    const { engine, limits, events, now, clock = now, gauge, every } = options;
    this.#options = options;
    this.#time = clock;
    this.#expected = new ExpectedCalls(now);
    this.#shares = new Shares(limits.calls);
    this.#guard = new MemoryGuard(gauge, events, now);
    this.#shedding = new Shedding(events, now);
    this.#boots = new BootGuard({ events, now, clock });
    this.#room = new Room({ limits, events, now, exact: engine.scales, versions: () => this.#versions.values() });
    this.#hungry = new Hungry({ shares: this.#shares, now: clock, sheds: () => this.#guard.sheds });
    this.#host = this.#createHost();
    this.#stopLooking = every?.(LOOK, () => this.look());
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
      const pooled = await this.#turn(this.#of(version), { ...options, ms: options.ms - (this.#time() - since) });
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
    if (pooled === null) throw this.#shed(own, { depth: 0, waited: null });
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

  /** Whether this host has a class of cells. */
  hasClass(name: string): boolean {
    return this.#room.budgets.has(name);
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

  /** Lets what waits have its turn, and every cell finish what it runs. */
  async drain(): Promise<void> {
    this.#stopLooking?.();
    this.#stopLooking = undefined;
    const late = Promise.withResolvers<void>();
    const noTimer = this.#after(STOP_WITHIN, late.resolve);
    await Promise.race([this.#hungry.ended(), late.promise]);
    noTimer();
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

  #createHost(): VersionHost {
    const { engine, random } = this.#options;
    return {
      now: this.#time,
      random,
      start: (own, first) => {
        if (!this.#boots.admits(own.version)) return null;
        const bytes = this.#room.take(own.scaling, first);
        return bytes === null ? null : { cell: engine.cell(own.version), bytes };
      },
      counted: (own, by) => this.#shares.change(own.holder, by),
      waits: (own, by) => {
        own.holder.waiting += by;
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
    const own = new VersionCells(version, { host: this.#host, holder, scaling });
    this.#versions.set(version.artifact, own);
    return own;
  }

  async #turn(own: VersionCells, { depth, ms, signal }: WaitOptions): Promise<PooledCell> {
    if (signal?.aborted === true) throw hasLeft(own.version);
    const limit = Math.min(ms, own.scaling.queueMs);
    const { promise, resolve, reject } = Promise.withResolvers<PooledCell>();
    const refused = limit <= 0 || (depth === 0 && this.#guard.sheds);
    const leave = refused ? undefined : own.join(depth, { go: resolve });
    if (leave === undefined) throw this.#shed(own, { depth, waited: null });
    const noTimer = this.#after(limit, () => {
      if (leave()) reject(this.#shed(own, { depth, waited: limit }));
    });
    const aborted = () => {
      if (leave()) reject(hasLeft(own.version));
    };
    signal?.addEventListener('abort', aborted);
    // A place that is given to someone who has left would be lost: the platform is to keep those who wait.
    this.#options.waitUntil(promise.catch(() => {}));
    try {
      return await promise;
    } finally {
      noTimer();
      signal?.removeEventListener('abort', aborted);
    }
  }

  #after(ms: number, run: () => void): () => void {
    if (this.#options.after !== undefined) return this.#options.after(ms, run);
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  }

  #shed(own: VersionCells, { depth, waited }: { depth: number; waited: number | null }): BrinkError {
    own.shed++;
    const error = overloaded({ version: own.version, full: this.#fullOf(own, depth), waiting: own.waiting, waited });
    this.#shedding.shed(own.version, error);
    return error;
  }

  #fullOf({ cells, holder, scaling }: VersionCells, depth: number): Full {
    if (depth === 0 && this.#guard.sheds) return { budget: 'rss', limit: this.#guard.limit, used: this.#guard.used };
    const missing = cells.length === 0 ? this.#room.budgets.missing(scaling) : null;
    if (missing !== null) return missing;
    if (depth === 0 && !this.#shares.admits(holder)) return { budget: 'calls', limit: this.#shares.bound };
    return { budget: 'concurrency', cells: Math.max(1, cells.length), scaling };
  }
}
