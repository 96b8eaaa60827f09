import { BrinkError } from '../../errors.ts';
import type { EventSink } from '../../observe/events.ts';
import type { LoadedVersion } from '../cell.ts';
import type { FullBudget } from './budgets.ts';
import { coresText } from './cpu-budgets.ts';
import type { Scaling } from './settings.ts';

/** What a call found no place in. */
export type Full =
  | FullBudget
  | { readonly budget: 'concurrency'; readonly cells: number; readonly scaling: Scaling }
  | { readonly budget: 'calls'; readonly limit: number }
  /** `limit` in cores; `short`: how many ms it is until there is CPU time again. */
  | { readonly budget: 'cpu'; readonly class: string; readonly limit: number; readonly short: number }
  | { readonly budget: 'rss'; readonly limit: number; readonly used: number };

export interface Overload {
  readonly version: LoadedVersion;
  readonly full: Full;
  /** Calls that wait. */
  readonly waiting: number;
  /** How long this one has waited; null where it could not. */
  readonly waited: number | null;
}

/** Seconds after which a client may try again. */
const SOON = 1;
const LATER = 5;
const MIB = 1024 ** 2;

export function overloaded({ version, full, waiting, waited }: Overload): BrinkError {
  const name = `${version.function}@${version.number}`;
  const tried = waited === null ? `${waiting} calls wait already` : `it has waited for ${waited} ms`;
  const retryAfter = retryAfterOf(full);
  return new BrinkError('overloaded', `${name} cannot take this call now: ${whyOf(full)}, and ${tried}. Try again in ${retryAfter} s.`, {
    details: {
      function: version.function,
      budget: full.budget,
      ...('class' in full && { class: full.class }),
      ...(full.budget === 'cpu' && { limit: full.limit }),
      retryAfter,
    },
  });
}

/** Of a call whose client has left before its turn came: nobody hears of it, and nothing is counted. */
export function hasLeft({ function: name, number }: LoadedVersion): BrinkError {
  return new BrinkError('overloaded', `A call of ${name}@${number} waited for a cell, and its client has left.`, {
    details: { function: name, budget: 'concurrency' },
  });
}

function retryAfterOf(full: Full): number {
  if (full.budget === 'cpu') return Math.max(SOON, Math.ceil(full.short / 1_000));
  return full.budget === 'concurrency' || full.budget === 'calls' ? SOON : LATER;
}

function whyOf(full: Full): string {
  switch (full.budget) {
    case 'concurrency': {
      const { cells, scaling } = full;
      const has = cells === 1 ? 'its cell has' : `each of its ${cells} cells has`;
      return `${has} ${scaling.concurrency} calls under way (concurrency and max_cells of [scaling])`;
    }
    case 'calls':
      return `the host has ${full.limit} calls under way, and it has its share of them`;
    case 'cells':
      return `the host has ${full.limit} cells, and none is idle`;
    case 'memory':
      return `cells of the class "${full.class}" have all of its ${Math.floor(full.limit / MIB)} MiB, and none is idle`;
    case 'cpu':
      return `cells of the class "${full.class}" have used the CPU time of their ${coresText(full.limit)}`;
    case 'rss':
      return `the host has ${Math.ceil(full.used / MIB)} of ${Math.floor(full.limit / MIB)} MiB in memory`;
  }
}

interface Count {
  readonly version: LoadedVersion;
  count: number;
  last: number;
}

/** Calls are shed no more where none was for so long, in ms. */
const OVER = 1_000;

/** Says in the log when a version's calls begin to be shed, and when that is over. */
export class Shedding {
  readonly #events: EventSink;
  readonly #now: () => number;
  readonly #open = new Map<string, Count>();

  constructor(events: EventSink, now: () => number) {
    this.#events = events;
    this.#now = now;
  }

  get any(): boolean {
    return this.#open.size > 0;
  }

  shed(version: LoadedVersion, { message }: BrinkError): void {
    const open = this.#open.get(version.artifact);
    if (open !== undefined) {
      open.count++;
      open.last = this.#now();
      return;
    }
    const time = this.#now();
    this.#open.set(version.artifact, { version, count: 1, last: time });
    this.#events({
      type: 'shedding',
      time,
      function: version.function,
      version: version.number,
      change: 'began',
      calls: 1,
      reason: message,
    });
  }

  /** Looks whether it is over. */
  look(): void {
    const time = this.#now();
    for (const [artifact, { version, count, last }] of this.#open) {
      if (time - last < OVER) continue;
      this.#open.delete(artifact);
      this.#events({
        type: 'shedding',
        time,
        function: version.function,
        version: version.number,
        change: 'ended',
        calls: count,
        reason: null,
      });
    }
  }
}
