import type { Store } from '../../stores/store.ts';
import { BindingError } from '../binding-error.ts';
import { Turns } from '../kv/increment.ts';
import type { Kept } from './kept.ts';
import { wakeTime } from './step.ts';

/** An attempt fails only because another writer's has succeeded. */
const ATTEMPTS = 100;
const DIGITS = 16;
/** Ms between an appointment and its entry at most. */
const LEFT_OVER = 60_000;
const NOTHING = new Uint8Array();
const utf8 = new TextEncoder();
const text = new TextDecoder();

/** That a schedule is to be looked at, and when. */
export interface Appointment {
  readonly time: number;
  /** Of the schedule, in the book. */
  readonly key: string;
  /** Of the appointment itself, in the store. */
  readonly entry: string;
}

/**
 * An entry, with the one appointment that counts, as in its key: the time, and what no other one has, so that who takes an
 * old one away can never take a new one.
 */
interface Written {
  readonly kept: Kept;
  readonly look: string | null;
}

type Read = Written & { readonly revision: number };

/**
 * The schedules of one function in the store: an entry for each, and beside it an appointment, of which keys sort by time. The
 * appointment is written before the entry that needs it, and taken away after it: a crash leaves one too many, never one too few.
 */
export class Book {
  readonly #store: Store;
  readonly #prefix: string;
  readonly #now: () => number;
  readonly #wake: (time: number) => Promise<void>;
  readonly #turns = new Turns();

  constructor(options: { store: Store; prefix: string; now: () => number; wake: (time: number) => Promise<void> }) {
    this.#store = options.store;
    this.#prefix = options.prefix;
    this.#now = options.now;
    this.#wake = options.wake;
  }

  async get(key: string): Promise<Kept | null> {
    return (await this.#read(key))?.kept ?? null;
  }

  /** Whether this appointment is the one that counts. What a crash has left is taken away, once its entry cannot be on its way any more. */
  async holds({ key, time, entry }: Appointment): Promise<boolean> {
    const look = (await this.#read(key))?.look ?? null;
    if (look !== null && this.#appointment(look, key) === entry) return true;
    if (time < this.#now() - LEFT_OVER) await this.#store.delete(entry);
    return false;
  }

  /**
   * Writes what `change` makes of an entry (null: there is none, or none any more), again if someone else wrote in between.
   * The value that it was given, returned as it is, writes nothing. Gives what there is now.
   */
  change(key: string, change: (kept: Kept | null) => Kept | null): Promise<Kept | null> {
    // Those of this host wait for each other: many runs of one schedule may end together.
    return this.#turns.take(key, () => this.#change(key, change));
  }

  async #change(key: string, change: (kept: Kept | null) => Kept | null): Promise<Kept | null> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const before = await this.#read(key);
      const after = change(before?.kept ?? null);
      if (after === (before?.kept ?? null)) return after;
      if (await this.#write(key, before, after)) return after;
    }
    throw new BindingError('Others kept writing this schedule. Try again.', { code: 'unavailable' });
  }

  /** Of all schedules whose keys begin so, in the order of their keys; no more than are needed to have so many. */
  async keys(beginning: string, limit = Infinity): Promise<string[]> {
    const all: string[] = [];
    let after: string | undefined;
    do {
      const { keys, more } = await this.page(beginning, { limit: 1_000, ...(after !== undefined && { after }) });
      all.push(...keys);
      after = more ? keys.at(-1) : undefined;
    } while (after !== undefined && all.length < limit);
    return all;
  }

  /** The same, a page of them, beyond the key `after`. */
  async page(beginning: string, { limit, after }: { limit: number; after?: string }): Promise<{ keys: string[]; more: boolean }> {
    const cursor = after === undefined ? {} : { cursor: this.#at(after) };
    const page = await this.#store.list({ prefix: this.#at(beginning), limit, ...cursor });
    return { keys: page.keys.map((key) => key.slice(this.#at('').length)), more: page.cursor !== undefined };
  }

  /** From the earliest on. */
  async *appointments(): AsyncGenerator<Appointment> {
    const prefix = `${this.#prefix}t/`;
    let cursor: string | undefined;
    do {
      const page = await this.#store.list({ prefix, limit: 100, ...(cursor !== undefined && { cursor }) });
      for (const entry of page.keys) {
        const time = Number(entry.slice(prefix.length, prefix.length + DIGITS));
        yield { time, key: entry.slice(entry.indexOf('/', prefix.length + DIGITS + 1) + 1), entry };
      }
      cursor = page.cursor;
    } while (cursor !== undefined);
  }

  /** Once it has resolved, no crash loses it. */
  async appoint(key: string, time: number): Promise<string> {
    const look = `${String(time).padStart(DIGITS, '0')}/${crypto.randomUUID().slice(0, 13)}`;
    await this.#store.put(this.#appointment(look, key), NOTHING);
    await this.#wake(time);
    return look;
  }

  async strike({ entry }: Pick<Appointment, 'entry'>): Promise<void> {
    await this.#store.delete(entry);
  }

  async #read(key: string): Promise<Read | null> {
    const entry = await this.#store.get(this.#at(key));
    return entry && { ...(JSON.parse(text.decode(entry.value)) as Written), revision: entry.revision };
  }

  async #write(key: string, before: Read | null, after: Kept | null): Promise<boolean> {
    const ifRevision = before?.revision ?? 0;
    const old = before?.look ?? null;
    const time = after && wakeTime(after, this.#now());
    const look = time === null ? null : old !== null && timeOf(old) === time ? old : await this.appoint(key, time);
    const written =
      after === null
        ? await this.#store.delete(this.#at(key), { ifRevision })
        : (await this.#store.put(this.#at(key), utf8.encode(JSON.stringify({ kept: after, look } satisfies Written)), { ifRevision })) !==
          null;
    if (!written) return false;
    // Who was called before the entry was there has found nothing.
    if (time !== null && time <= this.#now()) await this.#wake(time);
    if (old !== null && old !== look) await this.#store.delete(this.#appointment(old, key));
    return true;
  }

  #at(key: string): string {
    return `${this.#prefix}s/${key}`;
  }

  #appointment(look: string, key: string): string {
    return `${this.#prefix}t/${look}/${key}`;
  }
}

function timeOf(look: string): number {
  return Number(look.slice(0, DIGITS));
}
