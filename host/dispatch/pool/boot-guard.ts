import { BrinkError } from '../../errors.ts';
import type { CellEvent, EventSink } from '../../observe/events.ts';
import type { LoadedVersion } from '../cell.ts';

/** A cell that ends by itself sooner than this after its start, in ms, has lived a short life. */
export const SHORT_LIFE = 10_000;
/** So many short lives on end are nothing: the next cell starts at once. */
export const FREE = 2;
/** From so many on the circuit is open: one cell is tried after each pause, and requests do not wait for it. */
export const MANY = 5;
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 30_000;

interface Loop {
  /** Short lives on end. */
  lives: number;
  /** Until when no cell starts, by the clock. */
  until: number;
}

export interface BootGuardOptions {
  readonly events: EventSink;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Ms by a clock that nobody sets. */
  readonly clock: () => number;
}

/**
 * Keeps a version whose cells end soon after they start from taking up the host with starts: pauses between them grow, and
 * while one lasts, requests are refused at once. A cell that outlives a short life ends that.
 */
export class BootGuard {
  readonly #options: BootGuardOptions;
  readonly #loops = new Map<string, Loop>();

  constructor(options: BootGuardOptions) {
    this.#options = options;
  }

  /** Before a cell starts. @throws {BrinkError} `boot-loop` where none may now */
  admit(version: LoadedVersion): void {
    const loop = this.#loops.get(version.artifact);
    if (loop === undefined) return;
    const wait = loop.until - this.#options.clock();
    if (wait > 0) throw refused(version, loop, wait);
  }

  /** Whether one may start now. */
  admits({ artifact }: LoadedVersion): boolean {
    const loop = this.#loops.get(artifact);
    return loop === undefined || loop.until <= this.#options.clock();
  }

  /** A cell that was made at `began`, by the clock, is seen to have ended by itself. */
  ended(version: LoadedVersion, began: number): void {
    const { artifact } = version;
    if (this.#options.clock() - began >= SHORT_LIFE) return this.lives(version);
    const loop = this.#loops.get(artifact) ?? { lives: 0, until: 0 };
    this.#loops.set(artifact, loop);
    loop.lives++;
    if (loop.lives <= FREE) return undefined;
    const pause = Math.min(FIRST_PAUSE * 2 ** (loop.lives - FREE - 1), LONGEST_PAUSE);
    // From its beginning, since it is seen that it has ended when the next one is wanted.
    loop.until = began + pause;
    return this.#tell(version, 'held-back', `${short(loop)}: the next one starts ${pause} ms after the last at the earliest`);
  }

  /** A cell has outlived a short life. */
  lives(version: LoadedVersion): void {
    const loop = this.#loops.get(version.artifact);
    if (loop === undefined) return;
    this.#loops.delete(version.artifact);
    if (loop.lives > FREE) this.#tell(version, 'recovered', `a cell has run for ${SHORT_LIFE / 1_000} s`);
  }

  /** Whether there are any to be looked at. */
  get any(): boolean {
    return this.#loops.size > 0;
  }

  /** Whether its last cell lived a short life. */
  doubts({ artifact }: LoadedVersion): boolean {
    return this.#loops.has(artifact);
  }

  forget(artifact: string): void {
    this.#loops.delete(artifact);
  }

  #tell({ function: name, number: version }: LoadedVersion, change: CellEvent['change'], reason: string): void {
    this.#options.events({ type: 'cell', time: this.#options.now(), function: name, version, change, reason });
  }
}

function refused({ function: name, number }: LoadedVersion, loop: Loop, wait: number): BrinkError {
  const retryAfter = Math.ceil(wait / 1_000);
  return new BrinkError(
    'boot-loop',
    `${name}@${number} is not started now: ${short(loop)}. It is tried again in ${retryAfter} s; \`brink logs ${name}\` says why they ended.`,
    { details: { retryAfter, lives: loop.lives, open: loop.lives >= MANY } },
  );
}

function short({ lives }: Loop): string {
  return `its last ${lives} cells ended within ${SHORT_LIFE / 1_000} s of their start`;
}
