import type { Command } from 'commander';
import type { KeyResult } from '../../admin/keys.ts';
import { durationOf } from '../../timing/duration.ts';
import { connect, withHostFlags, type HostFlags } from '../connection.ts';
import { usage } from '../failure.ts';
import { createOutput } from '../output.ts';
import { table } from '../table.ts';
import { timeText } from './inspect.ts';

interface AddFlags extends HostFlags {
  readonly scope: readonly string[];
  readonly expires?: string;
  readonly retire?: string;
}

export function addKey(program: Command): void {
  const key = program
    .command('key')
    .summary('make and remove keys that functions are called with')
    .description('Make and remove keys for a function with an `auth.keys` rule. A key is shown once; the host keeps a hash of it.')
    .addHelpText(
      'after',
      '\nA name may have two keys: make a new one with --retire, hand it out, and the old one ends by itself.\n\nExamples:\n  brink key add desk partner --scope read\n  brink key add desk partner --scope read --retire 7d\n  brink key ls desk',
    );
  withHostFlags(
    key
      .command('add <fn> <name>')
      .description('Make a key for whoever the name says, and print it.')
      .option('--scope <scope>', 'what it is good for; may be given again', collected, [])
      .option('--expires <time>', 'when it ends: after 90d, 12h, …')
      .option('--retire <time>', 'when the other key of that name ends: after 7d, 1h, 0s, …'),
  ).action(add);
  withHostFlags(key.command('ls <fn>').alias('list').description('List keys, without what they are.'))
    .addHelpText('after', '\nWith --json: one line for each key.')
    .action(list);
  withHostFlags(key.command('rm <fn> <id>').alias('delete').description('Remove a key: it counts no more.')).action(remove);
}

async function add(fn: string, name: string, flags: AddFlags): Promise<void> {
  const output = createOutput(flags);
  const { client } = connect(flags);
  const key = await client.createKey(fn, {
    name,
    scopes: [...flags.scope],
    expiresIn: secondsOf('--expires', flags.expires),
    retireIn: secondsOf('--retire', flags.retire),
  });
  output.note(`${key.id} of ${name} for ${fn}. It is not shown again:`);
  output.result(key, key.token);
}

async function list(fn: string, flags: HostFlags): Promise<void> {
  const output = createOutput(flags);
  const keys = await connect(flags).client.keys(fn);
  if (output.json) for (const key of keys) output.result(key, '');
  else output.result(null, keys.length === 0 ? `${fn} has no keys.` : keyTable(keys));
}

async function remove(fn: string, id: string, flags: HostFlags): Promise<void> {
  const output = createOutput(flags);
  await connect(flags).client.removeKey(fn, id);
  output.result({ removed: id, function: fn }, `Removed the key ${id} of ${fn}`);
}

function keyTable(keys: readonly KeyResult[]): string {
  const rows = keys.map(({ id, name, scopes, created, expires }) => [
    id,
    name,
    scopes.join(' ') || '-',
    timeText(created),
    expires === null ? 'never' : timeText(expires),
  ]);
  return table([['ID', 'NAME', 'SCOPES', 'MADE', 'EXPIRES'], ...rows]);
}

function secondsOf(flag: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const ms = durationOf(text);
  if (ms === null) throw usage(`${flag} takes a time such as 90d or 12h, not ${JSON.stringify(text)}.`);
  return Math.ceil(ms / 1000);
}

function collected(scope: string, scopes: readonly string[]): string[] {
  return [...scopes, scope];
}
