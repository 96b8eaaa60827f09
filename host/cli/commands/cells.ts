import type { Command } from 'commander';
import type { CellsResult, ClassResult } from '../../admin/schemas/cells.ts';
import { connect, withHostFlags, type HostFlags } from '../connection.ts';
import { createOutput } from '../output.ts';
import { table } from '../table.ts';
import { sizeText } from './build.ts';

export function addCells(program: Command): void {
  withHostFlags(
    program
      .command('cells [fn]')
      .summary('show the cells that a host has now')
      .description(
        'Show the cells that a host has now, version by version: how many there are, what they run, and what waits for them; and class by class, where the host has given classes a part of its memory or CPU time.',
      ),
  )
    .addHelpText(
      'after',
      '\nWith --json: one line for each version, then one for each class.\n\nExamples:\n  brink cells\n  brink cells hello --json',
    )
    .action(list);
}

async function list(name: string | undefined, flags: HostFlags): Promise<void> {
  const output = createOutput(flags);
  const { client } = connect(flags);
  const { versions, classes: all } = await client.cellsAndClasses(name);
  // `shared` alone is all that there is.
  const classes = all.length > 1 || all.some(({ cpu }) => cpu !== null) ? all : [];
  if (output.json) return [...versions, ...classes].forEach((one) => output.result(one, ''));
  output.result(null, versions.length === 0 ? 'No cells: nothing is called now.' : cellTable(versions));
  if (classes.length > 0) output.result(null, `\n${classTable(classes)}`);
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

function classTable(classes: readonly ClassResult[]): string {
  const rows = classes.map(({ name, cells, calls, waiting, memory, cpu }) => [
    name,
    String(cells),
    String(calls),
    String(waiting),
    memory === null ? '-' : `${sizeText(memory.used)} of ${sizeText(memory.limit)}`,
    cpu === null ? '-' : `${cpu.used.toFixed(2)} of ${cpu.limit}${cpu.heldBack ? ', held back' : ''}`,
  ]);
  return table([['CLASS', 'CELLS', 'CALLS', 'WAITING', 'MEMORY', 'CORES'], ...rows]);
}
