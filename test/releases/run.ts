import { parseArgs } from 'node:util';
import { table } from '../../host/cli/table.ts';
import { SCENARIOS } from './scenarios.ts';
import { summaryOf, type Summary } from './summary.ts';

const USAGE = `npm run simulate-guard -- [--runs N] [--seed N] [--json]

Runs releases with guards in virtual time, with requests that a seed draws: how many versions that are good are rolled back,
and how soon those are that are not. 100 runs of each by default, which take minutes.
`;

try {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '100' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
    },
  });
  const all: Summary[] = [];
  for (const scenario of SCENARIOS) {
    all.push(summaryOf(scenario, { runs: Number(values.runs), seed: Number(values.seed) }));
    if (values.json) process.stdout.write(`${JSON.stringify(all.at(-1))}\n`);
  }
  if (!values.json) process.stdout.write(`${tableOf(all)}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 2;
}

function tableOf(all: readonly Summary[]): string {
  const rows = all.map(({ name, good, runs, done, rolledBack, held, seconds, requests, naive }) => [
    name,
    good ? 'good' : 'bad',
    ...[done, rolledBack, held].map((count) => percent(count, runs)),
    seconds === null ? '-' : `${seconds} s`,
    requests === null ? '-' : String(requests),
    percent(naive, runs),
  ]);
  return table([['NEW VERSION', 'IS', 'LIVE', 'ROLLED BACK', 'HELD', 'AFTER', 'REQUESTS', 'Z-TEST EACH LOOK'], ...rows]);
}

function percent(count: number, runs: number): string {
  return `${Math.round((count / runs) * 1_000) / 10} %`;
}
