import type { Command } from 'commander';
import type { AliasResult } from '../../admin/schemas/aliases.ts';
import { tellApiChanges } from '../api-changes.ts';
import { connect, withBreakingFlag, withMoveFlags, type MoveFlags } from '../connection.ts';
import { usage } from '../failure.ts';
import { createOutput, type Output } from '../output.ts';
import { parseAliasTarget, parseSticky, versionNumber } from '../reference.ts';

interface AliasFlags extends MoveFlags {
  readonly sticky?: string;
  readonly warm?: string;
  readonly ifRevision?: string;
}

export function addAlias(program: Command): void {
  withBreakingFlag(
    withMoveFlags(
      program
        .command('alias <fn> <target>')
        .summary('make or move an alias, by weight if wanted')
        .description('Make or move an alias: to one version, or to several by weight. Weights are percents that add up to 100.')
        .option('--sticky <by>', 'keep a client on one version: header:NAME, cookie:NAME, address, or none; as it was without this')
        .option('--warm <n>', 'cells that its versions keep on each host, though nothing calls them; as it was without this')
        .option('--if-revision <n>', 'only if the alias is still at this revision (0: only if there is none)'),
    ),
  )
    .addHelpText(
      'after',
      '\nExamples:\n  brink alias hello live=3\n  brink alias hello live=3:90,4:10 --sticky cookie:user\n  brink alias hello beta=3f2a9c01 --if-revision 0\n  brink alias hello live=3 --warm 2',
    )
    .action(moveAlias);
}

async function moveAlias(name: string, text: string, flags: AliasFlags): Promise<void> {
  const output = createOutput(flags);
  const { client } = connect(flags);
  const { alias, versions } = parseAliasTarget(text);
  const sticky = flags.sticky === undefined ? undefined : parseSticky(flags.sticky);
  const warm = flags.warm === undefined ? undefined : warmOf(flags.warm);
  const ifRevision = flags.ifRevision === undefined ? undefined : revisionOf(flags.ifRevision);
  const numbered = await Promise.all(
    versions.map(async ({ version, weight }) => ({ version: await versionNumber(client, name, version), weight })),
  );
  const target = {
    versions: numbered,
    ...(sticky !== undefined && { sticky }),
    ...(warm !== undefined && { warm }),
    ...(ifRevision !== undefined && { ifRevision }),
  };
  showAlias(output, await client.moveAlias(name, alias, target));
}

export function showAlias(output: Output, { history: _history, ...alias }: AliasResult): void {
  tellApiChanges(output, alias.function, alias.apiChanges);
  output.result(
    alias,
    `${alias.function}@${alias.alias} → ${weightsText(alias.versions)}${stickyText(alias.sticky)}${warmText(alias.warm)}  (revision ${alias.revision})\n${output.colors.cyan(alias.url)}`,
  );
}

export function weightsText(versions: AliasResult['versions']): string {
  return versions.length === 1 ? String(versions[0]!.version) : versions.map(({ version, weight }) => `${version}:${weight}%`).join(', ');
}

export function stickyText(sticky: AliasResult['sticky']): string {
  if (sticky === null) return '';
  return sticky.by === 'address' ? ', sticky by address' : `, sticky by ${sticky.by} ${sticky.name}`;
}

export function warmText(warm: number): string {
  return warm === 0 ? '' : `, ${warm} warm`;
}

function warmOf(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw usage(`--warm ${JSON.stringify(text)} is not a number of cells, 0 to 999.`);
}

function revisionOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw usage(`--if-revision ${JSON.stringify(text)} is not a revision. \`brink inspect\` shows an alias's.`);
  return Number(text);
}
