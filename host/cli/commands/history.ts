import type { Command } from 'commander';
import type { MoveResult } from '../../admin/schemas/releases.ts';
import { connect, withHostFlags, type HostFlags } from '../connection.ts';
import { createOutput } from '../output.ts';
import { table } from '../table.ts';
import { weightsText } from './alias.ts';
import { timeText } from './inspect.ts';

interface HistoryFlags extends HostFlags {
  readonly alias?: string;
}

export function addHistory(program: Command): void {
  withHostFlags(
    program
      .command('history <fn>')
      .summary('how its aliases were moved, by whom and why')
      .description("List the moves of a function's aliases, the newest first: when, from where to where, by whom and why.")
      .option('--alias <name>', 'of this alias alone'),
  )
    .addHelpText(
      'after',
      '\nWho it was is what the client said (BRINK_ACTOR, or the user of its machine), behind how it was let in.\nWith --json: one line for each.\n\nExample:\n  brink history hello --alias live',
    )
    .action(history);
}

async function history(name: string, flags: HistoryFlags): Promise<void> {
  const output = createOutput(flags);
  const moves = (await connect(flags).client.history(name)).filter(({ alias }) => flags.alias === undefined || alias === flags.alias);
  if (output.json) for (const move of moves) output.result(move, '');
  else output.result(null, moves.length === 0 ? `No alias of ${name} has been moved.` : moveTable(moves));
}

function moveTable(moves: readonly MoveResult[]): string {
  const rows = moves.map(({ time, alias, from, to, by, why, overrideFreeze }) => {
    const reasons = [why, overrideFreeze === null ? null : `in a freeze: ${overrideFreeze}`].filter((each) => each !== null);
    return [
      timeText(time),
      alias,
      from === null ? '-' : weightsText(from),
      to === null ? '-' : weightsText(to),
      by,
      reasons.join('; ') || '-',
    ];
  });
  return table([['TIME', 'ALIAS', 'FROM', 'TO', 'BY', 'WHY'], ...rows]);
}
