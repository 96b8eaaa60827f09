import { BrinkError, type Code } from '../../errors.ts';
import type { Limits } from '../../cell/limits.ts';
import type { Call } from './call.ts';
import { CpuMeters } from './cpu-meters.ts';
import { CpuShares } from './cpu-shares.ts';
import { MemoryWatch, type Memory } from './memory-watch.ts';
import { Pulse, type Turn, type Vitals } from './pulse.ts';

/** A busy cell is looked at this often, in ms, and one whose time is up, or who has nothing to do, that often. */
const LOOK = 50;
const LOOK_CLOSELY = 15;
const LOOK_SELDOM = 1_000;
/** A thread that has not answered for so long, in ms, gets nothing more to do once a deadline has passed. */
const SILENT = 30;
/** A turn of the event loop of so much CPU time, in ms, will not end by itself, where the deadline of a call has passed meanwhile. */
const LONG_TURN = 500;
/** A thread that stands still for so many looks is blocked. */
const BLOCKED = 10;
/** How long a thread whose time is up is waited for at most, in ms, whatever it does: it may wait for a core itself. */
const PATIENCE = 10_000;
/** A cell with nothing under way that uses more of a core than this is still watched. */
const AT_REST = 0.02;

export interface WatchedVitals extends Vitals {
  memory(): Promise<Memory>;
  /** Asks it to collect its garbage. */
  collect(): void;
}

export interface WatchOptions {
  readonly vitals: WatchedVitals;
  readonly limits: Limits;
  /** The deadline of the version, in ms. */
  readonly deadline: number;
  /** The invocations that are under way. */
  readonly calls: () => Iterable<Call>;
  /** As in `NodeCellOptions`. */
  readonly cpu?: ((total: number) => void) | undefined;
  /** The cell is over one of its limits. `guilty` are those that get `code`; null: all of them. */
  readonly over: (over: Over) => void;
  /** It may not come back: others are to take what comes next. */
  readonly suspect: () => void;
}

export interface Over {
  readonly code: Code;
  readonly reason: string;
  readonly details?: Record<string, unknown>;
  readonly guilty: ReadonlySet<Call> | null;
}

/** Looks at a cell from outside while it has something to do: whether it comes back, and what it uses. */
export class CellWatch {
  readonly #options: WatchOptions;
  readonly #pulse: Pulse;
  readonly #shares: CpuShares;
  readonly #memory: MemoryWatch;
  /** Those under way when the ping was sent that is not answered: what was sent later has not begun. */
  #before = new Set<Call>();
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  /** Something is under way, or was at the last look. */
  readonly #meters = new CpuMeters();
  #busy = false;
  #stopped = false;
  /** A deadline has passed, and the thread has not answered since. */
  #late = false;
  #bytes: number | null = null;
  #cpu = 0;
  #at = 0;
  /** CPU time that no invocation was under way in. */
  #stray = 0;
  #rests = false;
  #patience: NodeJS.Timeout | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#pulse = new Pulse(options.vitals);
    this.#shares = new CpuShares(options.limits.cpu_ms);
    this.#memory = new MemoryWatch(options.limits.memory_mb, () => options.vitals.collect());
  }

  /** Bytes that the cell had at the last look; null before the first. */
  get bytes(): number | null {
    return this.#bytes;
  }

  /** An invocation begins. */
  begin(call: Call): void {
    this.#shares.begin();
    this.#meters.begin(call);
    // What it has used before is none of this one's.
    if (this.#busy) return;
    this.#busy = true;
    this.#next(0);
  }

  /** The thread has answered a ping. */
  beat(): void {
    this.#late = false;
    clearTimeout(this.#patience);
    this.#pulse.beat();
  }

  collected(): void {
    this.#memory.collected();
  }

  /** The deadline of a call has passed. */
  late(): void {
    if (!this.#late) this.#patience = setTimeout(() => this.#options.over(unresponsive('does not answer')), PATIENCE).unref();
    this.#late = true;
    if (this.#pulse.silence > SILENT) this.#options.suspect();
    this.#next(0);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#patience);
  }

  #next(ms: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#look, ms).unref();
  }

  #look = (): void => {
    if (this.#looking) return this.#next(LOOK_CLOSELY);
    this.#looking = true;
    this.#lookOnce().then(
      (ms) => {
        this.#looking = false;
        if (ms !== null) this.#next(ms);
      },
      // A thread that has ended tells nothing any more.
      () => (this.#looking = false),
    );
  };

  /** Gives when to look again; null: not before something is to be done. */
  async #lookOnce(): Promise<number | null> {
    const [{ cpu, turn }, memory] = await Promise.all([this.#pulse.look(), this.#options.vitals.memory()]);
    this.#options.cpu?.(cpu);
    if (this.#stopped) return null;
    this.#bytes = memory.heap + memory.buffers;
    const calls = [...this.#options.calls()];
    if (turn === null) this.#before = new Set(calls);
    const over = this.#memory.look(memory) ?? this.#overTurn(turn) ?? this.#overShare(calls, cpu);
    if (over !== null) this.#options.over(over);
    if (this.#late && turn !== null) this.#options.suspect();
    if (this.#late) return LOOK_CLOSELY;
    if (this.#memory.near) return LOOK_CLOSELY;
    if (calls.length > 0) return LOOK;
    this.#busy = false;
    return this.#rests ? null : LOOK_SELDOM;
  }

  /** One turn of the event loop that does not end. */
  #overTurn(turn: Turn | null): Over | null {
    if (turn === null) return null;
    const { limits, deadline } = this.#options;
    const seen = Math.round(turn.cpu);
    if (turn.cpu > limits.cpu_ms) return { ...cpuOver(limits.cpu_ms, seen), guilty: this.#before };
    if (!this.#late) return null;
    const long = turn.cpu >= Math.min(LONG_TURN, deadline / 2);
    if (long) return unresponsive(`has run for ${seen} ms without a break`);
    return turn.still < BLOCKED ? null : unresponsive('stands still');
  }

  #overShare(calls: readonly Call[], cpu: number): Over | null {
    const now = performance.now();
    const { cpu_ms: most } = this.#options.limits;
    const stray = cpu - this.#cpu;
    const { ran, used } = this.#shares.look(calls, cpu, now);
    this.#meters.look(calls, { used: stray, ran, now });
    this.#rests = ran === 0 && stray < (now - this.#at) * AT_REST;
    this.#stray = ran > 0 || this.#rests ? 0 : this.#stray + stray;
    this.#cpu = cpu;
    this.#at = now;
    const guilty = new Set(calls.filter((call) => used(call) > most));
    if (guilty.size > 0) return { ...cpuOver(most, Math.round(Math.max(...[...guilty].map(used)))), guilty };
    return this.#stray > most ? { ...cpuOver(most, Math.round(this.#stray)), guilty: null } : null;
  }
}

function unresponsive(how: string): Over {
  return { code: 'cell-unresponsive', reason: `a handler keeps its thread past the deadline: it ${how}`, guilty: null };
}

function cpuOver(limit: number, seen: number): Omit<Over, 'guilty'> {
  return {
    code: 'cpu-exceeded',
    reason: `${seen} ms of CPU time were used, more than the ${limit} ms of limits.cpu_ms`,
    details: { limit, seen },
  };
}

/** What a call of a cell that is over a limit fails with. */
export function overError({ code, reason, details, guilty }: Over, call: Call): BrinkError {
  const { function: name, version } = call.invocation;
  const own = guilty === null || guilty.has(call);
  const why = own ? reason : `what else its cell ran was over a limit (${reason})`;
  return new BrinkError(own ? code : 'cell-crashed', `${name}@${version} could not finish this: ${why}.`, {
    ...(own && details && { details }),
  });
}
