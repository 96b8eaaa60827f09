import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { readsAsVersion } from '../../registry/reference.ts';
import { connect, withMoveFlags, type MoveFlags } from '../connection.ts';
import { CliError, usage } from '../failure.ts';
import { createOutput, type Output } from '../output.ts';
import { parseReference, type FunctionReference } from '../reference.ts';

interface RmFlags extends MoveFlags {
  readonly yes?: boolean;
}

export function addRm(program: Command): void {
  withMoveFlags(
    program
      .command('rm <fn[@ref]>')
      .summary('remove a function, a version or an alias')
      .description('Remove a function with all of its versions, aliases and routes; or one version that no alias names; or one alias.')
      .option('-y, --yes', 'do not ask; needed where no one can be asked'),
  )
    .addHelpText('after', '\nWith --json: {"removed"}\n\nExamples:\n  brink rm hello@2\n  brink rm hello@beta --yes\n  brink rm hello')
    .action(remove);
}

async function remove(text: string, flags: RmFlags): Promise<void> {
  const output = createOutput(flags);
  const { client } = connect(flags);
  const target = parseReference(text);
  const { name, reference } = target;
  if (!flags.yes) await confirm(target, output);
  if (reference === null) await client.removeFunction(name);
  else if (readsAsVersion(reference)) await client.removeVersion(name, reference);
  else await client.removeAlias(name, reference);
  output.result({ removed: text }, `Removed ${text}`);
}

async function confirm({ name, reference }: FunctionReference, output: Output): Promise<void> {
  const what =
    reference === null
      ? `the function ${name} with all of its versions and aliases`
      : `${readsAsVersion(reference) ? 'version' : 'alias'} ${name}@${reference}`;
  if (!output.interactive) throw usage(`Removing ${what} wants a confirmation, and there is no terminal to ask at. Add --yes.`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`Remove ${what}? [y/N] `);
    if (!/^y(?:es)?$/i.test(answer.trim())) throw new CliError('failed', 'Nothing was removed.');
  } finally {
    terminal.close();
  }
}
