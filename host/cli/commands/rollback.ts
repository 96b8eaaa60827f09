import type { Command } from 'commander';
import { connect, withMoveFlags, type MoveFlags } from '../connection.ts';
import { createOutput } from '../output.ts';
import { showAlias } from './alias.ts';

export function addRollback(program: Command): void {
  withMoveFlags(
    program
      .command('rollback <fn> [alias]')
      .summary('move an alias back')
      .description('Move an alias (`live` by default) back to where it was before its last move. Again: one further back.'),
  )
    .addHelpText('after', '\nExamples:\n  brink rollback hello\n  brink rollback hello beta')
    .action(rollback);
}

async function rollback(name: string, alias: string | undefined, flags: MoveFlags): Promise<void> {
  const output = createOutput(flags);
  showAlias(output, await connect(flags).client.rollback(name, alias ?? 'live'));
}
