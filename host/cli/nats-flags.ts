import process from 'node:process';
import { Option, type Command } from 'commander';
import type { NatsOptions } from '../platforms/running.ts';
import { usage } from './failure.ts';

/** The flags of commands that keep state in NATS, or look at it. */
export interface NatsFlags {
  readonly nats?: string;
  readonly natsCreds?: string;
  readonly natsPrefix?: string;
  readonly natsReplicas?: string;
}

/** Names of buckets have no other characters. */
const PREFIX = /^[\w-]{1,64}$/;
/** https://docs.nats.io/nats-concepts/jetstream/streams */
const REPLICAS = /^[1-5]$/;

export function withNatsFlags(command: Command): Command {
  return command
    .option('--nats <url>', 'keep the state in NATS JetStream, which many hosts can share; BRINK_NATS without it')
    .option('--nats-creds <file>', 'credentials file for it; BRINK_NATS_CREDS without it')
    .option('--nats-prefix <name>', 'names its buckets NAME_state, NAME_parts, NAME_objects (default: brink)')
    .addOption(new Option('--nats-replicas <n>', 'servers of the cluster that each bucket lies on (made with 1, then as it is)'));
}

/** The flags, else the environment; undefined where neither names a server. @throws {CliError} `usage` */
export function natsOf({ nats: flag, natsCreds, natsPrefix: prefix, natsReplicas: replicas }: NatsFlags): NatsOptions | undefined {
  const url = (flag ?? process.env['BRINK_NATS'] ?? '').trim();
  const creds = natsCreds ?? (process.env['BRINK_NATS_CREDS'] || undefined);
  if (prefix !== undefined && !PREFIX.test(prefix))
    throw usage(`--nats-prefix ${JSON.stringify(prefix)} has other characters than A-Z a-z 0-9 _ -.`);
  if (replicas !== undefined && !REPLICAS.test(replicas))
    throw usage(`--nats-replicas ${JSON.stringify(replicas)} is not a number from 1 to 5.`);
  if (url === '') {
    if (natsCreds !== undefined || prefix !== undefined || replicas !== undefined)
      throw usage('Give the server too: --nats URL, or BRINK_NATS.');
    return undefined;
  }
  return {
    url,
    ...(creds !== undefined && { creds }),
    ...(prefix !== undefined && { prefix }),
    ...(replicas !== undefined && { replicas: Number(replicas) }),
  };
}
