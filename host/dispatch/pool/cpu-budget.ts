import type { Holder } from './shares.ts';

/** What a class may have saved up, in ms of the time of its cores. */
const SAVED = 1_000;
/** What a call is taken to need until some were measured, in ms of CPU time. */
const ASSUMED = 5;
/** Nor is one taken to need more than this: it would keep others out until it is measured. */
const MOST_EXPECTED = 1_000;
/** How long, in ms, what was expected and not seen is still believed. */
const BELIEVED = 1_000;
/** Over how long, in ms, it is measured what calls need, and what is shown as used. */
const MEASURED = 10_000;
const SHOWN = 5_000;
/** A class is held back no more where no call had to wait for CPU time for so long, in ms. */
const OVER = 1_000;

/** What a class is seen to do by the look at it that has just been. */
export type BudgetChange = 'held-back' | 'let-go' | null;

/**
 * The CPU time that the cells of one class may use: a bucket that fills with the time of so many cores, and holds a second
 * of it. What cells have used is known a little later, so calls that were let in are counted with what they are likely to
 * need until it is seen.
 */
export class CpuBudget {
  readonly name: string;
  readonly cores: number;
  /** Calls of its functions that wait, for whatever. */
  waiting = 0;
  /** Calls that had to wait for CPU time since it is held back. */
  late = 0;
  /** Cores that it has used of late. */
  load = 0;
  /** In ms of CPU time; below zero where more was used than there was. */
  #left: number;
  #expected = 0;
  /** Of the time in which something was done. */
  #spent = ASSUMED;
  #begun = 1;
  #holds = false;
  #lateAt = -Infinity;
  #was = false;
  /** What each function has used since there are calls that wait, and what the one had whose turn was last. */
  readonly #shares = new Map<Holder, number>();
  #served = 0;
  /** Since the last look. */
  #usedNow = 0;
  #begunNow = 0;

  constructor(name: string, cores: number) {
    this.name = name;
    this.cores = cores;
    this.#left = cores * SAVED;
  }

  /** Whether calls had to wait for CPU time of late. */
  get holds(): boolean {
    return this.#holds;
  }

  /** Ms until there is some again. */
  get short(): number {
    return Math.max(0, (this.#expected - this.#left) / this.cores);
  }

  /** Whether one of those that wait may begin. */
  get admits(): boolean {
    return this.#left >= this.#expected;
  }

  /** Whether a call that comes now may begin at once: where some wait for CPU time, those are first. */
  arrives(): boolean {
    if (this.#left >= this.#expected && !(this.#holds && this.waiting > 0)) return true;
    this.#holds = true;
    this.late++;
    return false;
  }

  begins(calls: number): void {
    this.#begunNow += calls;
    this.#expected += calls * this.#likely();
  }

  /** Its cells have used so much CPU time, for a function. */
  used(holder: Holder, ms: number): void {
    this.#usedNow += ms;
    this.#left -= ms;
    this.#expected = Math.max(0, this.#expected - ms);
    if (this.waiting > 0) this.#shares.set(holder, this.shareOf(holder) + ms);
  }

  /** What a function has used of late beside others that wait; who comes back has no more saved up than the others. */
  shareOf(holder: Holder): number {
    return Math.max(this.#shares.get(holder) ?? 0, this.#served);
  }

  /** One of its calls that waited begins. */
  serves(holder: Holder): void {
    this.#shares.set(holder, (this.#served = this.shareOf(holder)));
  }

  /** @param passed ms since the last look */
  look(time: number, passed: number): BudgetChange {
    this.#left = Math.min(this.cores * SAVED, this.#left + this.cores * passed);
    this.#expected *= Math.exp(-passed / BELIEVED);
    this.load += (this.#usedNow / passed - this.load) * (1 - Math.exp(-passed / SHOWN));
    if (this.#usedNow > 0 || this.#begunNow > 0) this.#measure(Math.exp(-passed / MEASURED));
    if (this.waiting === 0) this.#forget();
    if (this.#holds && !this.admits) this.#lateAt = time;
    return this.#change(time);
  }

  #likely(): number {
    return Math.min(MOST_EXPECTED, this.#spent / this.#begun);
  }

  #measure(kept: number): void {
    this.#spent = this.#spent * kept + this.#usedNow;
    this.#begun = this.#begun * kept + this.#begunNow;
    this.#usedNow = 0;
    this.#begunNow = 0;
  }

  #forget(): void {
    this.#shares.clear();
    this.#served = 0;
  }

  #change(time: number): BudgetChange {
    if (this.#holds && !this.#was) this.#lateAt = time;
    else if (this.#holds && time - this.#lateAt >= OVER) this.#holds = false;
    if (this.#holds === this.#was) return null;
    this.#was = this.#holds;
    return this.#holds ? 'held-back' : 'let-go';
  }
}
