import type { Command } from 'commander';
import type { CellsResult } from '../../admin/schemas.ts';
import { connect, withHostFlags, type HostFlags } from '../connection.ts';
import { createOutput } from '../output.ts';
import { table } from '../table.ts';
import { sizeText } from './build.ts';

export function addCells(program: Command): void {
  withHostFlags(
    program
      .command('cells [fn]')
      .summary('show the cells that a host has now')
      .description('Show the cells that a host has now, version by version: how many there are, what they run, and what waits for them.'),
  )
    .addHelpText('after', '\nWith --json: one line for each version.\n\nExamples:\n  brink cells\n  brink cells hello --json')
    .action(list);
}

async function list(name: string | undefined, flags: HostFlags): Promise<void> {
  const output = createOutput(flags);
  const versions = await connect(flags).client.cells(name);
  if (output.json) for (const one of versions) output.result(one, '');
  else output.result(null, versions.length === 0 ? 'No cells: nothing is called now.' : cellTable(versions));
}

function cellTable(versions: readonly CellsResult[]): string {
  const rows = versions.map((one) => [
    `${one.function}@${one.version}`,
    String(one.ready),
    String(one.starting),
    String(one.warm),
    String(one.calls),
    String(one.waiting),
    String(one.shed),
    one.class,
    one.memory === 0 ? '-' : sizeText(one.memory),
  ]);
  return table([['VERSION', 'READY', 'STARTING', 'WARM', 'CALLS', 'WAITING', 'REFUSED', 'CLASS', 'MEMORY'], ...rows]);
}
