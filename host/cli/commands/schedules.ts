import type { Command } from 'commander';
import type { RunResult, ScheduleResult } from '../../admin/schemas/schedules.ts';
import { durationText } from '../../timing/duration.ts';
import { connect, withHostFlags, type HostFlags } from '../connection.ts';
import { usage } from '../failure.ts';
import { createOutput } from '../output.ts';
import { parseReference } from '../reference.ts';
import { table } from '../table.ts';
import { timeText } from './inspect.ts';

interface RunsFlags extends HostFlags {
  readonly limit: string;
  readonly schedule?: string;
}

export function addSchedules(program: Command): void {
  const schedules = program
    .command('schedules')
    .summary('see when a function runs, and how it went')
    .description("A function's schedules: those that its manifest declares, and those that it made at run time.")
    .addHelpText(
      'after',
      '\nExamples:\n  brink schedules ls report\n  brink schedules runs report --schedule nightly\n  brink schedules cancel report 42',
    );
  withHostFlags(schedules.command('ls <fn>').alias('list').description('List the schedules of a function, with when each is due next.'))
    .addHelpText('after', '\nWith --json: one line for each schedule.')
    .action((name: string, flags: HostFlags) => list(functionName(name), flags));
  withHostFlags(
    schedules
      .command('runs <fn>')
      .description('List what became of the newest due times: when each ran, how late, and how it ended.')
      .option('-n, --limit <count>', 'how many', '20')
      .option('--schedule <id>', 'of this schedule alone'),
  )
    .addHelpText('after', '\nWith --json: one line for each.')
    .action((name: string, flags: RunsFlags) => runs(functionName(name), flags));
  withHostFlags(schedules.command('cancel <fn> <id>').description('Cancel a schedule that the function made at run time.')).action(
    (name: string, id: string, flags: HostFlags) => cancel(functionName(name), id, flags),
  );
}

async function list(name: string, flags: HostFlags): Promise<void> {
  const output = createOutput(flags);
  const all = await connect(flags).client.schedules(name);
  if (output.json) for (const one of all) output.result(one, '');
  else output.result(null, all.length === 0 ? `${name} has no schedules.` : scheduleTable(all));
}

async function runs(name: string, { limit, schedule, ...flags }: RunsFlags): Promise<void> {
  const output = createOutput(flags);
  if (!/^[1-9]\d{0,2}$/.test(limit) || Number(limit) > 500) throw usage(`--limit ${JSON.stringify(limit)} is no number of 1 to 500.`);
  const all = await connect(flags).client.runs(name, { limit: Number(limit), ...(schedule !== undefined && { schedule }) });
  if (output.json) for (const one of all) output.result(one, '');
  else output.result(null, all.length === 0 ? `No schedule of ${name} has come due yet.` : runTable(all));
}

async function cancel(name: string, id: string, flags: HostFlags): Promise<void> {
  const output = createOutput(flags);
  await connect(flags).client.cancelSchedule(name, id);
  output.result({ cancelled: id, function: name }, `Cancelled ${id} of ${name}`);
}

function scheduleTable(all: readonly ScheduleResult[]): string {
  const rows = all.map((one) => [
    one.id,
    whenText(one),
    one.declared ? 'manifest' : 'function',
    one.next === null ? '-' : timeText(one.next),
  ]);
  return table([['SCHEDULE', 'WHEN', 'BY', 'NEXT'], ...rows]);
}

function whenText({ at, cron, timezone, every }: ScheduleResult): string {
  if (cron !== undefined) return timezone === undefined ? cron : `${cron} ${timezone}`;
  return every !== undefined ? `every ${durationText(every)}` : timeText(at ?? 0);
}

function runTable(all: readonly RunResult[]): string {
  const rows = all.map(({ schedule, due, late, started, ended, outcome, version }) => {
    const took = version === null ? '-' : `${ended - started} ms`;
    return [timeText(due), schedule, outcome, version === null ? '-' : String(version), `${late} ms`, took];
  });
  return table([['DUE', 'SCHEDULE', 'OUTCOME', 'VERSION', 'LATE', 'TOOK'], ...rows]);
}

function functionName(text: string): string {
  const { name, reference } = parseReference(text);
  if (reference !== null) throw usage(`Schedules are a function's, for all of its versions: write ${name}, without @${reference}.`);
  return name;
}
