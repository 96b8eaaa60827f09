import { fireTime } from '../../timing/timing.ts';
import type { BindingState } from '../binding.ts';
import { PLATFORM_TIMERS } from '../timers.ts';
import type { Book } from './book.ts';
import { Ends } from './ends.ts';
import type { History, RunRecord } from './history.ts';
import type { Kept, Note, Running } from './kept.ts';
import { ended, handedBack, isOver, LEASE, renewed } from './step.ts';
import type { Slots } from './slots.ts';

/** Runs of one function that go on at once in a host; further ones wait. */
const MAX_RUNNING = 32;

export interface RunsOptions {
  /** The function's. */
  readonly name: string;
  readonly state: BindingState;
  readonly book: Book;
  readonly history: History;
  /** Those of the host. */
  readonly slots: Slots;
}

/** What runs in this host of one function's schedules. */
export class Runs {
  readonly #options: RunsOptions;
  readonly #under = new Set<string>();
  /** What runs, and has not ended yet. */
  #called = 0;
  readonly #ends = new Ends(() => this.#called === 0);
  #reserved = 0;

  constructor(options: RunsOptions) {
    this.#options = options;
  }

  get free(): number {
    return Math.max(0, Math.min(this.#options.slots.free, MAX_RUNNING - this.#reserved));
  }

  has(run: string): boolean {
    return this.#under.has(run);
  }

  /** Takes those that are free, at most so many; those that are not needed are to be given back. */
  reserve(most: number): number {
    const count = Math.min(this.free, most);
    this.#options.slots.take(count);
    this.#reserved += count;
    return count;
  }

  giveBack(count: number): void {
    this.#reserved -= count;
    this.#options.slots.give(count);
  }

  /** Asks for `due` when a run has ended: there is a slot again. */
  askWhenFree(): void {
    const { slots, state } = this.#options;
    slots.wait(() => state.soon());
  }

  /** Runs what has been claimed, in a slot that was reserved. */
  begin(key: string, kept: Kept, run: Running): void {
    this.#under.add(run.run);
    this.#options.state.keep(this.#run(key, kept, run));
  }

  note({ id, declared, jitter, timing }: Kept, { due, until, attempt, outcome }: Note): Promise<void> {
    const now = this.#options.state.now();
    const late = now - fireTime(timing, { id, due, jitter });
    const last = until === undefined ? {} : { until };
    const record = {
      schedule: id,
      declared,
      due,
      ...last,
      late,
      started: now,
      ended: now,
      outcome,
      attempt,
      version: null,
      requestId: null,
    };
    return this.#options.history.write(record);
  }

  async #run(key: string, kept: Kept, run: Running): Promise<void> {
    const { book, history, state, slots } = this.#options;
    const renew = () => book.change(key, (now) => now && renewed(now, run.run, state.now())).catch(() => {});
    const noRenewal = (state.timers ?? PLATFORM_TIMERS).every(LEASE / 3, () => void renew());
    try {
      this.#called++;
      const record = await this.#call(kept, run).finally(() => this.#called--);
      const cutOff = record.outcome === 'cell-crashed' && state.cutOff?.() === true;
      if (!cutOff) await this.#ends.gathered();
      const after = cutOff ? handedBack : withoutRun;
      await Promise.all([book.change(key, (now) => now && after(now, run.run)), history.write(record)]);
    } catch {
      // What could not be written is not there: the claim ends by itself, and the due time fires again.
    } finally {
      noRenewal();
      this.#under.delete(run.run);
      this.#reserved--;
      slots.end();
    }
  }

  async #call({ id, declared, timing, jitter, payload }: Kept, { due, attempt, started }: Running): Promise<RunRecord> {
    const { name, state } = this.#options;
    const cron = 'cron' in timing ? timing.cron : '';
    const event = { cron, scheduledTime: due, schedule: id, declared, attempt, ...(payload !== undefined && { payload }) };
    const late = started - fireTime(timing, { id, due, jitter });
    const record = { schedule: id, declared, due, late, started, attempt };
    try {
      const { version, requestId, undeclared = false } = await state.functions.scheduled(name, null, event);
      return { ...record, ended: state.now(), outcome: undeclared ? 'undeclared' : 'ok', version, requestId };
    } catch (error) {
      const { code = 'internal' } = error as { code?: string };
      return { ...record, ended: state.now(), outcome: code, version: null, requestId: null };
    }
  }
}

function withoutRun(kept: Kept, run: string): Kept | null {
  const after = ended(kept, run);
  return isOver(after) ? null : after;
}
