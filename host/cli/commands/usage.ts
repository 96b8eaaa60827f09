import process from 'node:process';
import type { Command } from 'commander';
import type { UsageRowResult } from '../../admin/usage.ts';
import { connect, withHostFlags, type HostFlags } from '../connection.ts';
import { createOutput } from '../output.ts';
import { table } from '../table.ts';

interface UsageFlags extends HostFlags {
  readonly from?: string;
  readonly to?: string;
  readonly by: string;
  readonly csv?: boolean;
}

export function addUsage(program: Command): void {
  withHostFlags(
    program
      .command('usage [fn]')
      .summary('show what was counted for bills')
      .description('Show what a function, or each, has used, where the host counts it (`brink serve --metering`). Times are hours in UTC.')
      .option('--from <time>', 'a day or an hour such as 2026-11-25T21:00Z; the first of this month without it')
      .option('--to <time>', 'the first day or hour that does not count any more; now without it')
      .option('--by <columns>', 'day, hour, function, version, alias, route, principal, trigger, with commas between', 'function')
      .option('--csv', 'as CSV (RFC 4180)'),
  )
    .addHelpText(
      'after',
      '\nWith --json: one line for each row.\n\nExamples:\n  brink usage --by function,principal\n  brink usage hello --from 2026-11-01 --to 2026-12-01 --by day --csv',
    )
    .action(usage);
}

async function usage(name: string | undefined, { from, to, by, csv, ...flags }: UsageFlags): Promise<void> {
  const output = createOutput(flags);
  const { client } = connect(flags);
  const request = { function: name, from, to, by };
  if (csv) {
    process.stdout.write(await client.usageCsv(request));
    return;
  }
  const { usage: rows } = await client.usage(request);
  if (output.json) for (const row of rows) output.result(row, '');
  else output.result(null, rows.length === 0 ? 'Nothing was counted in that time.' : usageTable(rows));
}

function usageTable(rows: readonly UsageRowResult[]): string {
  const names = Object.keys(rows[0]!) as (keyof UsageRowResult)[];
  return table([
    names.map((name) => name.replaceAll('_', ' ').toUpperCase()),
    ...rows.map((row) => names.map((name) => String(row[name] ?? '-'))),
  ]);
}
