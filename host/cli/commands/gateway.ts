import { basename, dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { stringify } from 'smol-toml';
import type { GatewayResult, RevisionResult } from '../../admin/gateway.ts';
import { readConfigFile } from '../../build/config-file.ts';
import { withPages } from '../../build/pages.ts';
import { connect, withHostFlags, type HostFlags } from '../connection.ts';
import { usage } from '../failure.ts';
import { createOutput } from '../output.ts';
import { table } from '../table.ts';
import { timeText } from './inspect.ts';

interface RulesFlags extends HostFlags {
  readonly all?: boolean;
}

interface ChangeFlags extends RulesFlags {
  readonly reason?: string;
  readonly ifRevision?: string;
}

interface RollbackFlags extends ChangeFlags {
  readonly to?: string;
}

export function addGateway(program: Command): void {
  const gateway = program
    .command('gateway')
    .summary('rules that stand before functions, without a publish')
    .description(
      "Show and set the gateway rules of an operator: they stand before those that a function's versions bring along, and hold from the next request on. With --all they stand before every function of the host.",
    )
    .addHelpText(
      'after',
      '\nFILE has [[gateway]] blocks as brink.toml has them, or {"gateway": […]} as JSON.\n\nExamples:\n  brink gateway set shop rules.toml --reason "launch day"\n  brink gateway set --all limits.toml\n  brink gateway show shop\n  brink gateway history shop\n  brink gateway rollback shop\n  brink gateway rm shop',
    );
  withRulesFlags(gateway.command('show [fn]').description('Show the rules that hold, as TOML that `set` takes.')).action(show);
  withChangeFlags(gateway.command('set [fn] [file]').description('Set rules, in the place of those that there are.')).action(set);
  withChangeFlags(gateway.command('rm [fn]').description('Take all rules away.')).action(remove);
  withRulesFlags(gateway.command('history [fn]').description('List how the rules were changed, by whom and why, the newest first.')).action(
    history,
  );
  withChangeFlags(gateway.command('rollback [fn]').description('Have the rules of an earlier revision hold again.'))
    .option('--to <revision>', 'that one; without it the one before')
    .action(rollback);
}

function withRulesFlags(command: Command): Command {
  return withHostFlags(command.option('--all', 'those before all functions of the host'));
}

function withChangeFlags(command: Command): Command {
  return withRulesFlags(command)
    .option('--reason <text>', 'why, for `brink gateway history`')
    .option('--if-revision <n>', 'only where the rules are at this revision; 0: where there never were any');
}

async function show(fn: string | undefined, flags: RulesFlags): Promise<void> {
  const output = createOutput(flags);
  const view = await connect(flags).client.gateway(ownerOf(fn, flags));
  const { gateway, revision } = view;
  if (revision > 0) output.note(`Revision ${revision}, by ${view.by} at ${timeText(view.time ?? 0)}`);
  output.result(view, gateway.length === 0 ? `${nameOf(view)}: no rules` : stringify({ gateway }).trimEnd());
}

async function set(first: string | undefined, second: string | undefined, flags: ChangeFlags): Promise<void> {
  const output = createOutput(flags);
  const [fn, file] = flags.all && second === undefined ? [undefined, first] : [first, second];
  const owner = ownerOf(fn, flags);
  if (file === undefined) throw usage('Name a file with [[gateway]] blocks: `brink gateway set fn rules.toml`.');
  const read = await readConfigFile(file);
  const { gateway, ...others } = (await withPages(read, { dir: dirname(resolve(file)), place: basename(file) })).value;
  const [other] = Object.keys(others);
  if (other !== undefined) throw usage(`${file} has the key ${JSON.stringify(other)}; it takes [[gateway]] blocks and nothing else.`);
  const view = await connect(flags).client.putGateway(owner, gateway as unknown[], ifRevision(flags));
  output.result(view, changeText(view));
}

async function remove(fn: string | undefined, flags: ChangeFlags): Promise<void> {
  const output = createOutput(flags);
  const view = await connect(flags).client.removeGateway(ownerOf(fn, flags), ifRevision(flags));
  output.result(view, changeText(view));
}

async function rollback(fn: string | undefined, flags: RollbackFlags): Promise<void> {
  const output = createOutput(flags);
  const to = flags.to === undefined ? undefined : revisionOf('--to', flags.to);
  const view = await connect(flags).client.rollbackGateway(ownerOf(fn, flags), { to, ...ifRevision(flags) });
  output.result(view, changeText(view));
}

async function history(fn: string | undefined, flags: RulesFlags): Promise<void> {
  const output = createOutput(flags);
  const owner = ownerOf(fn, flags);
  const revisions = await connect(flags).client.gatewayHistory(owner);
  if (output.json) for (const revision of revisions) output.result(revision, '');
  else output.result(null, revisions.length === 0 ? `${nameOf({ function: owner })}: no rules yet` : historyTable(revisions));
}

function ownerOf(fn: string | undefined, { all = false }: RulesFlags): string | null {
  if (all === (fn === undefined)) return fn ?? null;
  throw usage('Name a function, or say --all for the rules before all of them.');
}

function ifRevision({ ifRevision: text }: ChangeFlags): { readonly ifRevision?: number } {
  return text === undefined ? {} : { ifRevision: revisionOf('--if-revision', text) };
}

function revisionOf(flag: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw usage(`${flag} takes the number of a revision, not ${JSON.stringify(text)}.`);
}

function changeText(view: GatewayResult): string {
  const rules = view.blocks === 0 ? 'no rules' : `${view.blocks} ${view.blocks === 1 ? 'block' : 'blocks'} of rules`;
  return `${nameOf(view)}: ${rules}, revision ${view.revision}`;
}

function nameOf({ function: name }: Pick<GatewayResult, 'function'>): string {
  return name ?? 'All functions';
}

function historyTable(revisions: readonly RevisionResult[]): string {
  const rows = revisions.map(({ revision, time, blocks, by, why }) => [
    String(revision),
    timeText(time ?? 0),
    String(blocks),
    by ?? '-',
    why ?? '-',
  ]);
  return table([['REVISION', 'TIME', 'BLOCKS', 'BY', 'WHY'], ...rows]);
}
