import process from 'node:process';
import type { Command } from 'commander';
import type { HostEvent } from '../../observe/events.ts';
import { connect, withHostFlags, type HostFlags } from '../connection.ts';
import { eventLine } from '../event-line.ts';
import { usage } from '../failure.ts';
import { createOutput, type Output } from '../output.ts';

interface LogFlags extends HostFlags {
  readonly follow?: boolean;
  readonly lines: string;
}

export function addLogs(program: Command): void {
  withHostFlags(
    program
      .command('logs [fn]')
      .summary('show log lines')
      .description('Show the newest log lines of a function, or of all: its invocations, console lines and exceptions.')
      .option('-f, --follow', 'stay, and show each line as it comes')
      .option('-n, --lines <n>', 'how many lines at first, at most 1000', '100'),
  )
    .addHelpText('after', '\nWith --json: one event a line.\n\nExamples:\n  brink logs -f\n  brink logs hello -n 20 --json')
    .action(logs);
}

async function logs(name: string | undefined, flags: LogFlags): Promise<void> {
  const output = createOutput(flags);
  const { client } = connect(flags);
  const limit = /^\d{1,4}$/.test(flags.lines) ? Number(flags.lines) : Number.NaN;
  if (!(limit <= 1_000)) throw usage(`-n ${JSON.stringify(flags.lines)} is not a number from 0 to 1000.`);
  const request = { limit, ...(name !== undefined && { function: name }) };
  if (!flags.follow) {
    for (const event of await client.logs(request)) show(event, output);
    return;
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  try {
    for await (const event of client.followLogs({ ...request, signal: stop.signal })) show(event, output);
    output.note('The host has ended the log.');
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
}

function show(event: HostEvent, output: Output): void {
  output.result(event, eventLine(event, output.colors));
}
