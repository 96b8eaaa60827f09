import process from 'node:process';
import type { Command } from 'commander';
import type { KeptMailResult } from '../../admin/schemas/mail.ts';
import { connect, withHostFlags, type HostFlags } from '../connection.ts';
import { usage } from '../failure.ts';
import { createOutput } from '../output.ts';
import { table } from '../table.ts';
import { timeText } from './inspect.ts';

interface ListFlags extends HostFlags {
  readonly lines: string;
}

interface PurgeFlags extends HostFlags {
  readonly yes?: boolean;
}

export function addMail(program: Command): void {
  const mail = program
    .command('mail')
    .summary('look at what functions have sent')
    .description(
      'Look at the mail that functions have sent, where the host keeps it instead of sending it out: `brink dev`, and `brink serve --mailbox`.',
    )
    .addHelpText(
      'after',
      '\nThe newest 200 are kept.\n\nExamples:\n  brink mail list\n  brink mail show 019c2d41a0f01c0d\n  brink mail purge --yes',
    );
  withHostFlags(
    mail
      .command('list')
      .alias('ls')
      .description('List the messages, the newest first.')
      .option('-n, --lines <n>', 'how many, at most 200', '20'),
  )
    .addHelpText('after', '\nWith --json: one line for each message.')
    .action(list);
  withHostFlags(mail.command('show <id>').description('Print a message as it was sent.')).action(show);
  withHostFlags(mail.command('purge').description('Remove all messages.').option('-y, --yes', 'without it nothing is removed')).action(
    purge,
  );
}

async function list(flags: ListFlags): Promise<void> {
  const output = createOutput(flags);
  const limit = /^\d{1,3}$/.test(flags.lines) ? Number(flags.lines) : 0;
  if (limit < 1 || limit > 200) throw usage(`-n ${JSON.stringify(flags.lines)} is not a number from 1 to 200.`);
  const mails = await connect(flags).client.mails(limit);
  if (output.json) for (const mail of mails) output.result(mail, '');
  else output.result(null, mails.length === 0 ? 'No mail is kept here.' : mailTable(mails));
}

async function show(id: string, flags: HostFlags): Promise<void> {
  const output = createOutput(flags);
  const raw = await connect(flags).client.mail(id);
  if (output.json) output.result({ id, raw: Buffer.from(raw).toString('base64'), encoding: 'base64' }, '');
  else process.stdout.write(raw);
}

async function purge(flags: PurgeFlags): Promise<void> {
  if (flags.yes !== true) throw usage('This removes every message that is kept. Add --yes to mean it.');
  const output = createOutput(flags);
  const { removed } = await connect(flags).client.purgeMail();
  output.result({ removed }, `Removed ${removed} messages`);
}

function mailTable(mails: readonly KeptMailResult[]): string {
  const rows = mails.map(({ id, time, function: name, from, to, subject }) => [
    id,
    timeText(time),
    name,
    from,
    to.join(', '),
    subject ?? '',
  ]);
  return table([['ID', 'SENT', 'FUNCTION', 'FROM', 'TO', 'SUBJECT'], ...rows]);
}
