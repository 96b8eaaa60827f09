import { POLICY_NAMES } from '../../host/dispatch/pool/policy.ts';
import { SCENARIOS, type ScenarioName } from './scenarios.ts';
import { DEFAULTS, type Settings } from './settings.ts';
import { simulate, type Outcome, type RunOptions } from './simulate.ts';

/** What is varied, and where: all else is as the defaults say. */
export interface Experiment {
  readonly title: string;
  readonly scenarios: readonly ScenarioName[];
  readonly values: readonly (string | number)[];
  with(value: string | number): Settings;
}

export interface Result extends Outcome {
  readonly experiment: ExperimentName;
  readonly scenario: ScenarioName;
  readonly value: string | number;
}

const scaled = (change: Partial<Settings['autoscaling']>): Settings => ({
  ...DEFAULTS,
  autoscaling: { ...DEFAULTS.autoscaling, ...change },
});

export const EXPERIMENTS = {
  policy: {
    title: 'policy',
    scenarios: ['steady', 'bursty', 'diurnal', 'heavy', 'uneven', 'many'],
    values: POLICY_NAMES,
    with: (value) => ({ ...DEFAULTS, policy: POLICY_NAMES.find((name) => name === value)! }),
  },
  target: {
    title: 'calls per cell',
    scenarios: ['steady', 'bursty', 'heavy'],
    values: [1, 2, 4, 8, 16, 32, 90],
    with: (value) => scaled({ target: Number(value) }),
  },
  'panic-window': {
    title: 'panic window, s',
    scenarios: ['bursty', 'heavy'],
    values: [0.5, 1, 2, 4, 6, 10],
    with: (value) => scaled({ panicWindow: Number(value) * 1_000 }),
  },
  'stable-window': {
    title: 'stable window, s',
    scenarios: ['bursty', 'heavy'],
    values: [10, 30, 60, 120],
    with: (value) => scaled({ stableWindow: Number(value) * 1_000 }),
  },
  idle: {
    title: 'idle time, s',
    scenarios: ['many'],
    values: [10, 30, 60, 120],
    with: (value) => scaled({ idle: Number(value) * 1_000 }),
  },
} as const satisfies Record<string, Experiment>;

export type ExperimentName = keyof typeof EXPERIMENTS;

export interface Selection extends RunOptions {
  /** Only these; all of the experiment's where it is not there. */
  readonly scenarios?: readonly string[] | undefined;
  readonly values?: readonly string[] | undefined;
}

/** Runs an experiment, scenario by scenario; the calls of one scenario are the same for each value. */
export async function run(name: ExperimentName, { scenarios, values, ...options }: Selection): Promise<Result[]> {
  const experiment: Experiment = EXPERIMENTS[name];
  const results: Result[] = [];
  for (const scenario of experiment.scenarios) {
    if (scenarios !== undefined && !scenarios.includes(scenario)) continue;
    for (const value of experiment.values) {
      if (values !== undefined && !values.includes(String(value))) continue;
      const outcome = await simulate(SCENARIOS[scenario], experiment.with(value), options);
      results.push({ experiment: name, scenario, value, ...outcome });
    }
  }
  return results;
}
