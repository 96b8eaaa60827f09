import type { Command } from 'commander';
import type { FreezeResult } from '../../admin/schemas/releases.ts';
import { durationOf, durationText } from '../../timing/duration.ts';
import { connect, withHostFlags, type HostFlags } from '../connection.ts';
import { usage } from '../failure.ts';
import { createOutput } from '../output.ts';
import { table } from '../table.ts';
import { timeText } from './inspect.ts';

interface AddFlags extends HostFlags {
  readonly reason?: string;
  readonly function?: string;
  readonly from?: string;
  readonly to?: string;
  readonly cron?: string;
  readonly timezone: string;
  readonly lasts?: string;
}

export function addFreeze(program: Command): void {
  const freeze = program
    .command('freeze')
    .summary('times in which no alias moves')
    .description(
      'Times in which no alias moves and no release begins or goes on, unless `--override-freeze` says why. A guard still rolls back.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  brink freeze add year-end --from 2026-12-20T00:00Z --to 2027-01-04T00:00Z --reason "year end"\n  brink freeze add weekend --cron "0 16 * * FRI" --timezone Europe/Berlin --lasts 64h --reason "nobody is there"\n  brink freeze rm weekend',
    );
  withHostFlags(
    freeze
      .command('add <id>')
      .description('Make or replace a freeze: once, from a time to a time; or each time that a cron expression comes due.')
      .option('--reason <text>', 'why; whoever is refused reads it')
      .option('--function <fn>', 'for this function alone')
      .option('--from <time>', 'such as 2026-12-20T00:00Z')
      .option('--to <time>', 'when it ends')
      .option('--cron <expression>', 'when it begins, again and again')
      .option('--timezone <name>', 'of the expression', 'UTC')
      .option('--lasts <duration>', 'how long each time'),
  ).action(add);
  withHostFlags(freeze.command('ls').alias('list').description('List the freezes of a host.')).action(list);
  withHostFlags(freeze.command('rm <id>').description('Remove a freeze.')).action(remove);
}

async function add(id: string, flags: AddFlags): Promise<void> {
  const output = createOutput(flags);
  if (flags.reason === undefined) throw usage('A freeze says why it is: add --reason TEXT.');
  const window = windowOf(flags);
  const { function: name = null, reason } = flags;
  const freeze = await connect(flags).client.putFreeze(id, { function: name, reason, window });
  output.result(freeze, `${freeze.function ?? 'All functions'}: no alias moves ${whenText(freeze)}`);
}

async function list(flags: HostFlags): Promise<void> {
  const output = createOutput(flags);
  const all = await connect(flags).client.freezes();
  if (output.json) for (const each of all) output.result(each, '');
  else output.result(null, all.length === 0 ? 'There are no freezes.' : freezeTable(all));
}

async function remove(id: string, flags: HostFlags): Promise<void> {
  const output = createOutput(flags);
  await connect(flags).client.removeFreeze(id);
  output.result({ removed: id }, `Removed the freeze ${id}`);
}

function windowOf({ from, to, cron, timezone, lasts }: AddFlags): FreezeResult['window'] {
  if (cron !== undefined) {
    const duration = lasts === undefined ? null : durationOf(lasts);
    if (duration === null) throw usage('--cron wants --lasts with a duration such as 64h.');
    return { cron, timezone, lasts: duration };
  }
  const [begins, ends] = [from, to].map((text) => (text === undefined ? NaN : Date.parse(text)));
  if (Number.isNaN(begins) || Number.isNaN(ends))
    throw usage('A freeze has --from and --to, such as 2026-12-20T00:00Z; or --cron and --lasts.');
  return { from: begins!, to: ends! };
}

function freezeTable(all: readonly FreezeResult[]): string {
  const rows = all.map((each) => [
    each.id,
    each.function ?? '*',
    whenText(each),
    each.until === null ? '-' : timeText(each.until),
    each.by,
    each.reason,
  ]);
  return table([['FREEZE', 'FUNCTION', 'WHEN', 'HOLDS UNTIL', 'BY', 'WHY'], ...rows]);
}

function whenText({ window }: FreezeResult): string {
  if ('from' in window) return `${timeText(window.from)} to ${timeText(window.to)}`;
  return `${window.cron} ${window.timezone}, for ${durationText(window.lasts)}`;
}
