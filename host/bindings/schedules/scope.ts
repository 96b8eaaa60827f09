import type { LiveSchedule } from '../../registry/declared.ts';
import { dueAfter, type Timing } from '../../timing/timing.ts';
import type { BindingState } from '../binding.ts';
import { Book, type Appointment } from './book.ts';
import { History } from './history.ts';
import type { Kept, Running, Step } from './kept.ts';
import { Runs } from './runs.ts';
import { canBegin, isOver, step } from './step.ts';
import type { Slots } from './slots.ts';

/** Ms until it is looked again whether what waits can run, if no end of a run says so before. */
const LOOK_AGAIN = 1_000;
/** In place of a schedule's key: the registry is to be looked at. */
const SYNC = '!';
export const DECLARED = 'declared/';
export const MADE = 'made/';

/** The schedules of one function, in one host: what of them lies in the store is in the book, what goes on here is in here. */
export class ScheduleScope {
  readonly book: Book;
  readonly history: History;
  readonly #name: string;
  readonly #state: BindingState;
  readonly #runs: Runs;
  /** Those that wait for a slot alone. */
  #parked: ReadonlySet<string> = new Set();
  /** When all that is due was looked at the last time, also what has to wait. */
  #lookedAt = -Infinity;

  constructor(name: string, state: BindingState, slots: Slots) {
    const { store, now } = state;
    // A name is a DNS label.
    const prefix = `schedules/${name}/`;
    this.book = new Book({ store, prefix, now, wake: (time) => state.wake(time) });
    this.history = new History(store, prefix);
    this.#name = name;
    this.#state = state;
    this.#runs = new Runs({ name, state, book: this.book, history: this.history, slots });
  }

  /** Begins what is due, without waiting for its end, and gives the time of what is next. */
  async due(): Promise<number | null> {
    const parked = new Set<string>();
    let next: number | null = null;
    // What waits is many where much is due together: not at each end of a run.
    const all = Math.abs(this.#state.now() - this.#lookedAt) >= LOOK_AGAIN;
    for await (const appointment of this.book.appointments()) {
      if (appointment.time > this.#state.now()) {
        next = appointment.time;
        break;
      }
      if (this.#runs.free === 0 && !all) return this.#waitForSlot(next);
      if (!(await this.#keep(appointment))) parked.add(appointment.key);
    }
    this.#parked = parked;
    this.#lookedAt = this.#state.now();
    return parked.size === 0 ? next : this.#waitForSlot(next);
  }

  #waitForSlot(next: number | null): number {
    this.#runs.askWhenFree();
    return Math.min(next ?? Infinity, this.#state.now() + LOOK_AGAIN);
  }

  /** In a while the registry is looked at, whatever becomes of this host until then. */
  async expectChange(after: number): Promise<void> {
    await this.book.appoint(SYNC, this.#state.now() + after);
  }

  /** Makes the declared schedules those of the versions that `live` names; of a function that is gone, none are left. */
  async sync(): Promise<void> {
    const declared = await this.#state.functions.schedules(this.#name);
    const wanted = new Map((declared ?? []).map((each) => [DECLARED + each.key, each]));
    const known = await this.book.keys(declared === null ? '' : DECLARED);
    for (const key of known) if (!wanted.has(key)) await this.book.change(key, () => null);
    if (declared === null) await this.history.clear();
    for (const [key, each] of wanted) await this.book.change(key, (kept) => this.#declared(each, kept));
  }

  #declared({ name, timing, jitter, overlap, misfire }: LiveSchedule, kept: Kept | null): Kept {
    if (kept !== null) return kept.overlap === overlap && kept.misfire === misfire ? kept : { ...kept, overlap, misfire };
    const now = this.#state.now();
    const counted: Timing = 'every' in timing ? { ...timing, from: now } : timing;
    const rules = { jitter, overlap, misfire };
    return { id: name, declared: true, timing: counted, ...rules, next: dueAfter(counted, now), waiting: [], running: [] };
  }

  /** False where it has to wait for a slot. */
  async #keep(appointment: Appointment): Promise<boolean> {
    const { key } = appointment;
    if (key === SYNC) {
      await this.sync();
      await this.book.strike(appointment);
      return true;
    }
    if (this.#runs.free === 0 && this.#parked.has(key)) return false;
    return (await this.book.holds(appointment)) ? this.#look(key) : true;
  }

  async #look(key: string): Promise<boolean> {
    const slots = this.#runs.reserve();
    let taken: Step | null = null;
    try {
      await this.book.change(key, (kept) => {
        taken = null;
        if (kept === null) return null;
        const now = this.#state.now();
        taken = step(kept, { now, slots, mine: (run) => this.#runs.has(run), name: () => crypto.randomUUID() });
        return isOver(taken.kept) ? null : taken.kept;
      });
    } catch (error) {
      taken = null;
      throw error;
    } finally {
      this.#runs.giveBack(slots - begunOf(taken).length);
    }
    if (taken === null) return true;
    const { kept, begun, notes }: Step = taken;
    const noted = notes.map((note) => this.#runs.note(kept, note));
    for (const run of begun) this.#runs.begin(key, kept, run);
    await Promise.all(noted);
    return !canBegin(kept);
  }
}

function begunOf(taken: Step | null): readonly Running[] {
  return taken?.begun ?? [];
}
