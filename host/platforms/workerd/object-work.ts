import type { BindingScope } from '../../bindings/binding.ts';
import { scopeOfKey, WAKE_PREFIX, wakeKey } from '../../bindings/wake-key.ts';
import { retryAfter } from '../../bindings/work.ts';
import type { Store } from '../../stores/store.ts';

/** The part of an object's storage that is its alarm. */
export interface Alarms {
  getAlarm(): Promise<number | null>;
  setAlarm(time: number): Promise<void>;
}

export interface ObjectWorkOptions {
  readonly alarms: Alarms;
  readonly store: Pick<Store, 'put' | 'list'>;
  readonly now: () => number;
  /** Does what is due in a scope, and gives the time of what is next, or null. */
  run(binding: BindingScope): Promise<number | null>;
  /** A run has failed. It is tried again. */
  failed(binding: BindingScope, error: unknown): Promise<void>;
  /** Without it the object may be put away before this has ended. */
  keep(work: Promise<unknown>): void;
}

/** When the one scope of a Durable Object has something to do: what `Work` is to a host on Node, with the object's alarm as its timer. */
export class ObjectWork {
  readonly #options: ObjectWorkOptions;
  /** Whether the store says whose state this is, for the alarm. */
  #named = false;
  /** When the alarm is due, Infinity for none. To ask for it each time would end the transaction of what was written before. */
  #alarm: number | undefined;
  #failures = 0;
  /** One run after the other, whoever asks. */
  #last: Promise<void> = Promise.resolve();
  #asked = false;

  constructor(options: ObjectWorkOptions) {
    this.#options = options;
  }

  async wake(binding: BindingScope, time: number): Promise<void> {
    if (!this.#named) await this.#options.store.put(wakeKey(binding), new Uint8Array());
    this.#named = true;
    if (this.#alarm === undefined) {
      const known = await this.#options.alarms.getAlarm();
      // Someone else may have asked at the same time, and have set it since.
      this.#alarm ??= known ?? Infinity;
    }
    if (!(time < this.#alarm)) return;
    this.#alarm = time;
    await this.#options.alarms.setAlarm(time);
  }

  /** Without the alarm, which takes a write and some milliseconds. */
  soon(binding: BindingScope): void {
    if (this.#asked) return;
    this.#asked = true;
    this.#options.keep(
      this.#inTurn(() => {
        this.#asked = false;
        return this.#run(binding);
      }),
    );
  }

  /** The alarm has come. The runtime would try a failed one again too, but gives up after six times. */
  async alarm(): Promise<void> {
    this.#alarm = Infinity;
    const { keys } = await this.#options.store.list({ prefix: WAKE_PREFIX });
    await this.#inTurn(() => this.#run(scopeOfKey(keys[0]!)));
  }

  #inTurn(run: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(run);
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #run(binding: BindingScope): Promise<void> {
    const { run, failed, now } = this.#options;
    try {
      const next = await run(binding);
      this.#failures = 0;
      if (next !== null) await this.wake(binding, next);
    } catch (error) {
      await this.wake(binding, now() + retryAfter(this.#failures++));
      await failed(binding, error);
    }
  }
}
