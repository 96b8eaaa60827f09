import type { Command } from 'commander';
import type { AdminClient } from '../admin/client.ts';
import { buildPublishPolicy } from '../build/publish-policy.ts';
import { digestOf } from '../registry/artifact.ts';
import { usage } from './failure.ts';

export interface PolicyFlags {
  readonly publishPolicy?: string;
  readonly publishPolicyRule?: string;
  readonly publishPolicyDryRun?: boolean;
}

export function withPolicyFlags(command: Command): Command {
  return command
    .option('--publish-policy <file>', 'a policy that is asked before something is published, as `brink policy set` takes it')
    .option('--publish-policy-rule <entrypoint>', 'the rule of it that decides (default: brink/allow)')
    .option('--publish-policy-dry-run', 'its decisions are written down, and nothing is refused');
}

/** Has the policy of the flags be asked, where it is not yet. @throws {CliError} `usage` */
export function policyOf({ publishPolicy: file, publishPolicyRule: entrypoint, publishPolicyDryRun: dryRun = false }: PolicyFlags) {
  if (file === undefined) {
    if (entrypoint !== undefined || dryRun) throw usage('--publish-policy-rule and --publish-policy-dry-run go with --publish-policy.');
    return undefined;
  }
  return async (client: AdminClient) => {
    const bytes = await buildPublishPolicy({ file, entrypoint, dryRun });
    const { policy } = await client.policy();
    if (policy?.digest !== (await digestOf(bytes))) await client.putPolicy(bytes);
  };
}
