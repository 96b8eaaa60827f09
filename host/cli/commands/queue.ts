import type { Command } from 'commander';
import type { MessageResult, QueueResult } from '../../admin/schemas/queues.ts';
import { connect, withHostFlags, type HostFlags } from '../connection.ts';
import { usage } from '../failure.ts';
import { createOutput } from '../output.ts';
import { table } from '../table.ts';
import { timeText } from './inspect.ts';

interface PeekFlags extends HostFlags {
  readonly lines: string;
}

interface RedriveFlags extends HostFlags {
  readonly to?: string;
}

interface PurgeFlags extends HostFlags {
  readonly yes?: boolean;
}

/** Characters of a body that a line shows. */
const SHOWN = 60;

export function addQueue(program: Command): void {
  const queue = program
    .command('queue')
    .summary('look at queues, and into them')
    .description('List queues, look at their messages, move dead letters back, remove messages, and keep messages back.')
    .addHelpText(
      'after',
      '\nExamples:\n  brink queue ls\n  brink queue peek mails -n 5\n  brink queue redrive mails-dead\n  brink queue pause mails',
    );
  withHostFlags(queue.command('ls').alias('list').description('List the queues that functions name, with their consumers.'))
    .addHelpText('after', '\nWith --json: one line for each queue.')
    .action(list);
  withHostFlags(
    queue
      .command('peek <queue>')
      .description('Show the first messages of a queue. They stay where they are.')
      .option('-n, --lines <n>', 'how many, at most 100', '20'),
  )
    .addHelpText('after', '\nWith --json: one line for each message, with its whole body.')
    .action(peek);
  withHostFlags(
    queue
      .command('redrive <queue>')
      .description('Send the messages of a dead-letter queue back to where they came from.')
      .option('--to <queue>', 'to this queue, also those that came from none'),
  ).action(redrive);
  withHostFlags(
    queue
      .command('purge <queue>')
      .description('Remove all messages of a queue, also those that a consumer has.')
      .option('-y, --yes', 'without it nothing is removed'),
  ).action(purge);
  withHostFlags(
    queue.command('pause <queue>').description('Keep the messages of a queue back. It takes new ones; batches that run go on.'),
  ).action((name: string, flags: HostFlags) => hold(name, true, flags));
  withHostFlags(queue.command('resume <queue>').description('Have the messages of a queue delivered again.')).action(
    (name: string, flags: HostFlags) => hold(name, false, flags),
  );
}

async function list(flags: HostFlags): Promise<void> {
  const output = createOutput(flags);
  const queues = await connect(flags).client.queues();
  if (output.json) for (const queue of queues) output.result(queue, '');
  else output.result(null, queues.length === 0 ? 'No function names a queue.' : queueTable(queues));
}

async function peek(name: string, flags: PeekFlags): Promise<void> {
  const output = createOutput(flags);
  const limit = /^\d{1,3}$/.test(flags.lines) ? Number(flags.lines) : 0;
  if (limit < 1 || limit > 100) throw usage(`-n ${JSON.stringify(flags.lines)} is not a number from 1 to 100.`);
  const messages = await connect(flags).client.peekQueue(name, limit);
  if (output.json) for (const message of messages) output.result(message, '');
  else output.result(null, messages.length === 0 ? `${name} is empty.` : messageTable(messages));
}

async function redrive(name: string, flags: RedriveFlags): Promise<void> {
  const output = createOutput(flags);
  const { moved } = await connect(flags).client.redriveQueue(name, flags.to);
  output.result(
    { queue: name, moved, to: flags.to ?? null },
    `Moved ${moved} of ${name}${flags.to === undefined ? ' back' : ` to ${flags.to}`}`,
  );
}

async function purge(name: string, flags: PurgeFlags): Promise<void> {
  const output = createOutput(flags);
  if (flags.yes !== true) throw usage(`This removes all messages of ${name}, for good. Say so with --yes.`);
  const { removed } = await connect(flags).client.purgeQueue(name);
  output.result({ queue: name, removed }, `Removed ${removed} of ${name}`);
}

async function hold(name: string, paused: boolean, flags: HostFlags): Promise<void> {
  const output = createOutput(flags);
  const { client } = connect(flags);
  const queue = await (paused ? client.pauseQueue(name) : client.resumeQueue(name));
  output.result(queue, `${name} ${paused ? 'is paused' : 'goes on'}, with ${queue.messages} in it`);
}

function queueTable(queues: readonly QueueResult[]): string {
  const rows = queues.map((queue) => [
    queue.queue,
    String(queue.messages),
    String(queue.delayed),
    String(queue.leased),
    String(queue.filtered),
    queue.oldest === null ? '-' : timeText(queue.oldest),
    queue.function ?? '-',
    queue.paused ? 'paused' : '',
  ]);
  return table([['QUEUE', 'MESSAGES', 'DELAYED', 'LEASED', 'FILTERED', 'OLDEST', 'CONSUMER', ''], ...rows]);
}

function messageTable(messages: readonly MessageResult[]): string {
  const rows = messages.map(({ id, sent, attempts, origin, body, encoding, contentType }) => [
    id,
    timeText(sent),
    String(attempts),
    origin ?? '-',
    encoding === 'utf8' ? shown(body) : `${contentType}, ${body.length} characters of base64`,
  ]);
  return table([['ID', 'SENT', 'ATTEMPTS', 'FROM', 'BODY'], ...rows]);
}

/** In one line of printable characters. */
function shown(text: string): string {
  const line = text.replaceAll(/[\p{C}\p{Z}]+/gu, ' ');
  return line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line;
}
