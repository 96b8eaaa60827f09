import { bursty, diurnal, steady, type Arrivals, type Kind } from './load.ts';
import { always, exponential, lognormal, pareto, type Random } from './random.ts';
import type { Settings } from './settings.ts';

export interface Scenario {
  readonly title: string;
  readonly hosts: number;
  readonly functions: number;
  /** Calls a second, of all functions. */
  readonly calls: number;
  readonly seconds: number;
  /** The beginning that is not counted. */
  readonly warmUp: number;
  /** Popularity falls with rank by this exponent. */
  readonly zipf: number;
  /** A function is on as many hosts as its share of the calls asks for, and on so many at least. */
  readonly spread: number;
  readonly kinds: readonly Kind[];
  /** Where a host is not as the settings say. */
  readonly machine?: Partial<Pick<Settings, 'budget' | 'slow'>>;
  arrivals(rate: number, random: Random): Arrivals;
}

/** Four kinds, of which most calls are short ones. Choices: no two sites are alike. In ms. */
const MIXED: readonly Kind[] = [
  { cpu: lognormal(1, 0.8), wait: lognormal(20, 0.8), popularity: 1 },
  { cpu: lognormal(0.2, 0.5), wait: always(0), popularity: 1 },
  { cpu: lognormal(0.3, 0.5), wait: lognormal(150, 1), popularity: 0.5 },
  { cpu: lognormal(15, 0.6), wait: always(0), popularity: 0.1 },
];

/** One call in a thousand takes a hundred times as long as most. */
const HEAVY: readonly Kind[] = [
  { cpu: pareto({ least: 0.4, alpha: 1.4, most: 1_000 }), wait: always(0), popularity: 1 },
  { cpu: pareto({ least: 0.4, alpha: 1.4, most: 1_000 }), wait: pareto({ least: 5, alpha: 1.2, most: 10_000 }), popularity: 1 },
];

const EVEN: readonly Kind[] = [{ cpu: exponential(2), wait: lognormal(10, 0.5), popularity: 1 }];

const BUSY = { hosts: 1, functions: 12, zipf: 0.8, spread: 1 } as const;

export const SCENARIOS = {
  steady: { ...BUSY, title: 'steady', calls: 4_000, seconds: 40, warmUp: 10, kinds: MIXED, arrivals: steady },
  bursty: { ...BUSY, title: 'bursts', functions: 48, calls: 1_500, seconds: 100, warmUp: 20, kinds: MIXED, arrivals: bursty },
  diurnal: {
    ...BUSY,
    title: 'day and night, in ten minutes',
    functions: 48,
    calls: 350,
    seconds: 600,
    warmUp: 60,
    kinds: MIXED,
    arrivals: (rate, random) => diurnal(rate, random, 600_000),
  },
  heavy: { ...BUSY, title: 'heavy-tailed work', calls: 3_000, seconds: 30, warmUp: 5, kinds: HEAVY, arrivals: steady },
  uneven: {
    ...BUSY,
    title: 'a quarter of the cells is slow',
    calls: 1_500,
    seconds: 40,
    warmUp: 10,
    kinds: EVEN,
    machine: { slow: { each: 4, times: 4 } },
    arrivals: steady,
  },
  many: {
    title: 'many functions',
    hosts: 200,
    functions: 5_000,
    calls: 1_000,
    seconds: 160,
    warmUp: 80,
    zipf: 1,
    spread: 2,
    kinds: MIXED,
    machine: { budget: 512 * 2 ** 20 },
    arrivals: bursty,
  },
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;
