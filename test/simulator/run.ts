import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { POLICY_NAMES } from '../../host/dispatch/pool/policy.ts';
import { EXPERIMENTS, run, type ExperimentName, type Result } from './experiments.ts';
import { plotOf } from './plot.ts';
import { SCENARIOS } from './scenarios.ts';
import { jsonOf, tableOf } from './table.ts';

const USAGE = `npm run simulate -- [OPTIONS]

Runs the host's policies, its autoscaler and its eviction in virtual time, under calls that a seed draws.

  --scenario NAMES  of ${Object.keys(SCENARIOS).join(', ')}; all by default
  --policy NAMES    of ${POLICY_NAMES.join(', ')}; all by default
  --vary NAME       what is varied in place of the policy: ${Object.keys(EXPERIMENTS).join(', ')}
  --seed N          1 by default
  --scale X         so many times the hosts, functions and calls; 1 by default, which takes minutes.
                    What is less than one host is less time
  --json            one line in place of the table
  --plot FILE       writes the plot of all that can be varied, as SVG
`;

try {
  main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 2;
}

function main(): void {
  const { values } = parseArgs({
    options: {
      scenario: { type: 'string' },
      policy: { type: 'string' },
      vary: { type: 'string', default: 'policy' },
      seed: { type: 'string', default: '1' },
      scale: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      plot: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  const options = { seed: numberOf('seed', values.seed), scale: numberOf('scale', values.scale) };
  if (values.plot !== undefined) return writeFileSync(values.plot, plotOf(options));
  const [experiment] = chosen('vary', values.vary, Object.keys(EXPERIMENTS)) as [ExperimentName];
  const scenarios = values.scenario === undefined ? undefined : chosen('scenario', values.scenario, EXPERIMENTS[experiment].scenarios);
  if (values.policy !== undefined && experiment !== 'policy') throw new Error(`--policy says what --vary ${experiment} leaves as it is.`);
  const policies = values.policy === undefined ? undefined : chosen('policy', values.policy, POLICY_NAMES);
  const results: Result[] = [];
  for (const result of run(experiment, { ...options, scenarios, values: policies })) results.push(result);
  process.stdout.write(values.json ? jsonOf(results) : tableOf(results));
}

function numberOf(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${option} "${text}" is no number above 0.`);
  return value;
}

function chosen(option: string, text: string, known: readonly string[]): string[] {
  const names = text.split(',');
  for (const name of names) if (!known.includes(name)) throw new Error(`--${option} "${name}" is none of ${known.join(', ')}.`);
  return names;
}
