import type { Command } from 'commander';
import type { FunctionSummaryResult } from '../../admin/schemas/functions.ts';
import { connect, withHostFlags, type HostFlags } from '../connection.ts';
import { createOutput } from '../output.ts';
import { table } from '../table.ts';
import { warmText, weightsText } from './alias.ts';

export function addLs(program: Command): void {
  withHostFlags(program.command('ls').summary('list the functions of a host').description('List the functions of a host.'))
    .addHelpText('after', '\nWith --json: one line for each function.')
    .action(list);
}

async function list(flags: HostFlags): Promise<void> {
  const output = createOutput(flags);
  const functions = await connect(flags).client.functions();
  if (output.json) for (const one of functions) output.result(one, '');
  else output.result(null, functions.length === 0 ? 'No functions yet. Publish one:  brink publish DIR' : functionTable(functions));
}

export function functionTable(functions: readonly FunctionSummaryResult[]): string {
  const rows = functions.map(({ name, aliases, warm = {}, versions, crons, url }) => {
    const moved = Object.entries(aliases).map(([alias, targets]) => `${alias}=${weightsText(targets)}${warmText(warm[alias] ?? 0)}`);
    return [name, moved.join(' ') || '-', String(versions), crons.join('; ') || '-', url];
  });
  return table([['FUNCTION', 'ALIASES', 'VERSIONS', 'CRONS', 'URL'], ...rows]);
}
