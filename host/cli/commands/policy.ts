import type { Command } from 'commander';
import type { PublishPolicyResult } from '../../admin/publish-policy.ts';
import { buildPublishPolicy } from '../../build/publish-policy.ts';
import { connect, withHostFlags, type HostFlags } from '../connection.ts';
import { createOutput } from '../output.ts';
import { timeText } from './inspect.ts';

interface ChangeFlags extends HostFlags {
  readonly reason?: string;
}

interface SetFlags extends ChangeFlags {
  readonly entrypoint?: string;
  readonly data?: string;
  readonly dryRun?: boolean;
}

export function addPolicy(program: Command): void {
  const policy = program
    .command('policy')
    .summary('what is asked before something is published')
    .description(
      'An Open Policy Agent policy, compiled to WebAssembly, that a host asks before a version is published and before an alias moves. What it denies is refused with its reasons.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  opa build -t wasm -e brink/deny policy.rego\n  brink policy set bundle.tar.gz --entrypoint brink/deny --dry-run\n  brink policy set bundle.tar.gz --entrypoint brink/deny\n  brink policy show\n  brink policy rm',
    );
  withHostFlags(
    policy
      .command('set <file>')
      .description('Have a policy asked from now on: a .wasm file, or a bundle of `opa build -t wasm`.')
      .option('--entrypoint <rule>', 'the rule that decides (default: brink/allow)')
      .option('--data <file>', 'a JSON file that the policy finds as `data`')
      .option('--dry-run', 'write its decisions down, and refuse nothing')
      .option('--reason <text>', 'why'),
  ).action(set);
  withHostFlags(policy.command('show').description('Show which policy is asked.')).action(show);
  withHostFlags(policy.command('rm').description('Ask nothing any more.').option('--reason <text>', 'why')).action(remove);
}

async function set(file: string, flags: SetFlags): Promise<void> {
  const output = createOutput(flags);
  const { entrypoint, data, dryRun = false } = flags;
  const bytes = await buildPublishPolicy({ file, entrypoint, data, dryRun });
  const view = await connect(flags).client.putPolicy(bytes);
  output.result(view, textOf(view));
}

async function show(flags: HostFlags): Promise<void> {
  const output = createOutput(flags);
  const view = await connect(flags).client.policy();
  if (view.revision > 0) output.note(`Revision ${view.revision}, by ${view.by} at ${timeText(view.time)}`);
  output.result(view, textOf(view));
}

async function remove(flags: ChangeFlags): Promise<void> {
  const output = createOutput(flags);
  const view = await connect(flags).client.removePolicy();
  output.result(view, textOf(view));
}

function textOf({ policy }: PublishPolicyResult): string {
  if (policy === null) return 'Nothing is asked before something is published.';
  const dry = policy.dryRun ? ', as a dry run' : '';
  return `${policy.module} ${policy.entrypoint} is asked before something is published${dry}.`;
}
