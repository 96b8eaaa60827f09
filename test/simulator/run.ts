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
  --plot FILE       runs all that can be varied, and writes the plot of it, as SVG
`;

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 2;
}

async function main(): Promise<void> {
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
  const names = Object.keys(EXPERIMENTS) as ExperimentName[];
  const options = { seed: numberOf('seed', values.seed), scale: numberOf('scale', values.scale) };
  if (values.plot !== undefined) {
    const all: Result[] = [];
    for (const name of names) all.push(...(await run(name, options)));
    writeFileSync(values.plot, plotOf(all));
    return print(all, values.json);
  }
  const [experiment] = chosen('vary', values.vary, names) as [ExperimentName];
  const scenarios = values.scenario === undefined ? undefined : chosen('scenario', values.scenario, EXPERIMENTS[experiment].scenarios);
  if (values.policy !== undefined && experiment !== 'policy') throw new Error(`--policy says what --vary ${experiment} leaves as it is.`);
  const policies = values.policy === undefined ? undefined : chosen('policy', values.policy, POLICY_NAMES);
  const results = await run(experiment, { ...options, scenarios, values: policies });
  print(results, values.json);
}

function print(results: readonly Result[], json: boolean): void {
  if (json) return void process.stdout.write(jsonOf(results));
  const tables = Object.keys(EXPERIMENTS).map((name) => tableOf(results.filter(({ experiment }) => experiment === name)));
  process.stdout.write(tables.filter((table) => table !== '').join('\n'));
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
