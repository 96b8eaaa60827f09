import { BrinkError } from '../errors.ts';
import type { Store } from '../stores/store.ts';
import { cronBefore, cronProblem, isTimezone } from '../timing/cron.ts';
import { recordsIn, type Records } from './records.ts';

/** A time in which no alias moves, unless someone says why it has to. */
export interface Freeze {
  readonly id: string;
  /** The function that it holds for; null for all. */
  readonly function: string | null;
  readonly reason: string;
  readonly window: FreezeWindow;
  readonly createdAt: number;
  readonly by: string;
}

/** Once, from one time to another (milliseconds since the epoch); or each time that a cron expression comes due, for so many ms. */
export type FreezeWindow =
  { readonly from: number; readonly to: number } | { readonly cron: string; readonly timezone: string; readonly lasts: number };

const KEY = 'freezes';
const MAX_FREEZES = 100;
const MAX_LASTS = 31 * 86_400_000;

/** The freezes of a host, as one entry of its store. */
export class Freezes {
  readonly #records: Records<readonly Freeze[]>;
  readonly #now: () => number;

  constructor({ store, now }: { store: Store; now: () => number }) {
    this.#records = recordsIn(store);
    this.#now = now;
  }

  async list(): Promise<readonly Freeze[]> {
    return (await this.#records.get(KEY)) ?? [];
  }

  /** @throws {BrinkError} `freeze-invalid` */
  async add(freeze: Omit<Freeze, 'createdAt'>): Promise<Freeze> {
    checkFreeze(freeze);
    const made = { ...freeze, createdAt: this.#now() };
    await this.#records.update(KEY, (current) => {
      const others = (current ?? []).filter(({ id }) => id !== made.id);
      if (others.length >= MAX_FREEZES) throw invalid(`There are ${MAX_FREEZES} freezes already, which is the most. Remove old ones`);
      return [...others, made];
    });
    return made;
  }

  /** @throws {BrinkError} `freeze-not-found` */
  async remove(id: string): Promise<void> {
    await this.#records.update(KEY, (current) => {
      if (current?.some((each) => each.id === id)) return current.filter((each) => each.id !== id);
      throw new BrinkError('freeze-not-found', `There is no freeze ${JSON.stringify(id)}. \`brink freeze ls\` lists them.`);
    });
  }

  /** The freeze that a function is in, and when it ends; null where it is in none. Of several, the one that ends last. */
  async of(name: string, time = this.#now()): Promise<{ readonly freeze: Freeze; readonly until: number } | null> {
    const found = (await this.list())
      .filter((freeze) => freeze.function === null || freeze.function === name)
      .map((freeze) => ({ freeze, until: endOf(freeze.window, time) }))
      .filter((each): each is { freeze: Freeze; until: number } => each.until !== null);
    return found.toSorted((a, b) => b.until - a.until)[0] ?? null;
  }

  /** Refuses what is to move in a freeze without a reason. @throws {BrinkError} `frozen` */
  async check(name: string, { override, time = this.#now() }: { override: string | null; time?: number }): Promise<void> {
    if (override !== null) return;
    const frozen = await this.of(name, time);
    if (frozen === null) return;
    const { freeze, until } = frozen;
    throw new BrinkError(
      'frozen',
      `No alias of ${name} moves before ${new Date(until).toISOString()}: ${freeze.reason} (freeze ${freeze.id}). Wait, or say why it has to with \`--override-freeze REASON\`.`,
      { details: { function: name, freeze: freeze.id, until } },
    );
  }
}

/** When a window that is open at this time closes; null where it is not open. */
export function endOf(window: FreezeWindow, time: number): number | null {
  if ('from' in window) return time >= window.from && time < window.to ? window.to : null;
  // The newest of those that have begun closes last.
  const [begun] = cronBefore(window.cron, window.timezone, { before: time + 1, limit: 1 });
  return begun !== undefined && time < begun + window.lasts ? begun + window.lasts : null;
}

function checkFreeze({ id, reason, window }: Omit<Freeze, 'createdAt'>): void {
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(id)) throw invalid(`${JSON.stringify(id)} cannot name a freeze; a-z, 0-9 and "-" can`);
  if (reason.trim() === '') throw invalid('A freeze says why it is');
  if ('from' in window) {
    if (window.to <= window.from) throw invalid('It ends before it begins');
    return;
  }
  const problem = cronProblem(window.cron);
  if (problem !== null) throw invalid(`The cron expression ${JSON.stringify(window.cron)} ${problem}`);
  if (!isTimezone(window.timezone)) throw invalid(`${JSON.stringify(window.timezone)} is no time zone such as Europe/Berlin`);
  if (!(window.lasts >= 60_000 && window.lasts <= MAX_LASTS)) throw invalid('A freeze lasts from a minute to 31 days each time');
}

function invalid(message: string): BrinkError {
  return new BrinkError(
    'freeze-invalid',
    `${message}. Write \`brink freeze add year-end --from 2026-12-20T00:00Z --to 2027-01-04T00:00Z --reason "year end"\`, or \`--cron "0 16 * * FRI" --lasts 64h\`.`,
  );
}
