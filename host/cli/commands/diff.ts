import type { Command } from 'commander';
import type { ApiChangesResult } from '../../admin/schemas/openapi.ts';
import { changeText } from '../api-changes.ts';
import { connect, withHostFlags, type HostFlags } from '../connection.ts';
import { CliError } from '../failure.ts';
import { createOutput } from '../output.ts';

interface DiffFlags extends HostFlags {
  readonly from: string;
  readonly to?: string;
  readonly check?: boolean;
}

export function addDiff(program: Command): void {
  withHostFlags(
    program
      .command('diff <fn>')
      .summary('what has changed between two versions for those who call')
      .description(
        'Compare the OpenAPI documents of two versions: what breaks those who call, what may, and what does not, with the place of each.',
      )
      .option('--from <ref>', 'a version, or an alias', 'live')
      .option('--to <ref>', 'a version, or an alias; the newest version without it')
      .option('--check', 'the status is 1 where something breaks'),
  )
    .addHelpText(
      'after',
      '\nWith --json: {"function","from","to","changes":[{"rule","severity","method","path","pointer","document","message"}]}\n\nExamples:\n  brink diff hello\n  brink diff hello --from 3 --to 4 --check',
    )
    .action(diff);
}

async function diff(name: string, flags: DiffFlags): Promise<void> {
  const output = createOutput(flags);
  const { client } = connect(flags);
  const to = flags.to ?? (await client.function(name)).versions.at(-1)?.number ?? 'live';
  const found = await client.apiChanges(name, { from: flags.from, to });
  output.result(found, diffText(found));
  const breaking = found.changes.filter(({ severity }) => severity === 'breaking').length;
  if (flags.check && breaking > 0) {
    throw new CliError(
      'failed',
      `${name}@${found.to} breaks those who call ${name}@${found.from}, in ${breaking} ${breaking === 1 ? 'place' : 'places'}.`,
    );
  }
}

function diffText({ function: name, from, to, changes }: ApiChangesResult): string {
  if (changes.length === 0) return `${name}@${from} → ${name}@${to}: nothing has changed for those who call.`;
  return [`${name}@${from} → ${name}@${to}`, ...changes.map(changeText)].join('\n');
}
