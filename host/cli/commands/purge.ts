import type { Command } from 'commander';
import type { PurgeRequest } from '../../admin/schemas/purges.ts';
import { BrinkError } from '../../errors.ts';
import { connect, withHostFlags, type HostFlags } from '../connection.ts';
import { createOutput } from '../output.ts';

interface PurgeFlags extends HostFlags {
  readonly url?: string;
  readonly tag?: string;
  readonly prefix?: string;
  readonly all?: true;
}

export function addPurge(program: Command): void {
  withHostFlags(
    program
      .command('purge <fn>')
      .summary('have kept responses not be used any more')
      .description(
        'Have responses of a function that its rule `cache` keeps not be used any more, of all its versions: on every host, and at once on the one that is asked.',
      )
      .option('--url <url>', 'the one of this URL or path, with its query')
      .option('--tag <tag>', 'those with this tag in `Cache-Tag`')
      .option('--prefix <prefix>', 'those whose URL or path begins so')
      .option('--all', 'all of them'),
  )
    .addHelpText('after', '\nExamples:\n  brink purge shop --url /items/7\n  brink purge shop --tag item-7\n  brink purge shop --all')
    .action(purge);
}

async function purge(name: string, { url, tag, prefix, all, ...flags }: PurgeFlags): Promise<void> {
  const output = createOutput(flags);
  const wanted: PurgeRequest = {
    ...(url !== undefined && { url }),
    ...(tag !== undefined && { tag }),
    ...(prefix !== undefined && { prefix }),
    ...(all && { all }),
  };
  const [one, another] = Object.entries(wanted);
  if (one === undefined || another !== undefined)
    throw new BrinkError('bad-request', 'A purge is of one thing: --url, --tag, --prefix or --all.');
  const { purged } = await connect(flags).client.purge(name, wanted);
  output.result(
    { purged },
    all ? `${name}: nothing that was kept is used any more.` : `${name}: what has the ${one[0]} ${String(one[1])} is not used any more.`,
  );
}
