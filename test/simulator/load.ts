import type { Work } from './call.ts';
import { COSTS } from './constants.ts';
import type { Due, Events } from './events.ts';
import { exponential, type Distribution, type Random } from './random.ts';

/** When calls come: gives the time of the next one after `now`, in ms. */
export type Arrivals = (now: number) => number;

/** Calls that have nothing to do with each other, at an even rate (Poisson). Rates are calls per ms. */
export function steady(rate: number, random: Random): Arrivals {
  const gap = exponential(1 / rate);
  return (now) => now + gap(random);
}

/** At ten times the rate for a while, and then silent for nine times as long, on average. */
export function bursty(rate: number, random: Random): Arrivals {
  const gap = exponential(1 / (rate * 10));
  const [on, off] = [exponential(2_000), exponential(18_000)];
  let end = 0;
  return (now) => {
    let next = now + gap(random);
    while (next > end) {
      const begin = Math.max(now, end) + off(random);
      end = begin + on(random);
      next = begin + gap(random);
    }
    return next;
  };
}

/** With a day that has its peak and its night, each function at an hour of its own. */
export function diurnal(rate: number, random: Random, day: number): Arrivals {
  const highest = rate * 1.9;
  const gap = exponential(1 / highest);
  const phase = random();
  return (now) => {
    for (let next = now + gap(random); ; next += gap(random)) {
      const current = rate * (1 + 0.9 * Math.sin(2 * Math.PI * (next / day + phase)));
      if (random() * highest < current) return next;
    }
  };
}

/** What calls of one kind of function need. */
export interface Kind {
  readonly cpu: Distribution;
  /** For something outside: the cell computes for others meanwhile. */
  readonly wait: Distribution;
  /** Of two functions of equal rank, one of this kind has so many times the calls. */
  readonly popularity: number;
}

export interface SourceOptions {
  readonly events: Events;
  readonly kind: Kind;
  readonly arrivals: Arrivals;
  readonly random: Random;
  /** Where each call goes. */
  readonly send: (work: Work) => void;
}

/** Sends the calls of one function. What they need is drawn when they come, so it is the same whatever becomes of them. */
export class Source implements Due {
  readonly #options: SourceOptions;

  constructor(options: SourceOptions) {
    this.#options = options;
    options.events.at(options.arrivals(0), this);
  }

  happen(now: number): void {
    const { events, kind, arrivals, random, send } = this.#options;
    const cpu = kind.cpu(random) + COSTS.callCpu;
    const wait = kind.wait(random);
    send(wait === 0 ? { before: cpu, wait, after: 0 } : { before: cpu / 2, wait, after: cpu / 2 });
    events.at(arrivals(now), this);
  }
}
