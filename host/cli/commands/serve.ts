import { Option, type Command } from 'commander';
import { createOutput, type Output } from '../output.ts';
import { DEFAULT_STATE } from '../connection.ts';
import type { FrontLimits, NatsOptions } from '../../platforms/running.ts';
import { usage } from '../failure.ts';
import { natsOf, withNatsFlags, type NatsFlags } from '../nats-flags.ts';
import { PLATFORMS, starterOf } from '../platform.ts';
import { portOf, runSession } from '../session.ts';
import type { Source } from '../source.ts';
import { functionTable } from './ls.ts';

interface ServeFlags extends NatsFlags {
  readonly port?: string;
  readonly hostname: string;
  readonly state: string;
  readonly maxOperations?: string;
  readonly maxKeys?: string;
  readonly maxMessages?: string;
  readonly maxBytes?: string;
  readonly maxConnections?: string;
  readonly platform?: (typeof PLATFORMS)[number];
  readonly json?: boolean;
}

export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .summary('serve the published functions on Node')
    .description(
      'Serve the published functions on Node, or on workerd as Cloudflare would. Builds nothing; publish to it with `brink publish`.',
    )
    .addOption(new Option('--platform <name>', 'what runs them').choices(PLATFORMS).default('node'))
    .option('--port <n>', 'PORT without it, else 8787; 0 takes any free one')
    .option('--hostname <address>', 'address to listen at; off this machine every admin call needs the token', '127.0.0.1')
    .option('--state <dir>', 'directory of the state: registry, artifacts and the admin token', DEFAULT_STATE)
    .option('--max-operations <n>', 'operations a second of each binding of a function; BRINK_MAX_OPERATIONS without it, else 250000')
    .option('--max-keys <n>', 'keys of each KV namespace; BRINK_MAX_KEYS without it, else 10000000')
    .option('--max-messages <n>', 'messages of each queue; BRINK_MAX_MESSAGES without it, else 10000000')
    .option('--max-bytes <n>', 'bytes of each KV namespace, and of each queue; BRINK_MAX_BYTES without it, else 10 GiB')
    .option('--max-connections <n>', 'connections of clients at once, on Node; one more is closed as it comes. No limit without it')
    .option('--json', 'one line of JSON per result: {"listening"}, then each event');
  withNatsFlags(command)
    .addHelpText(
      'after',
      "\nTrust: on Node a worker thread keeps a function's faults away from others; it is no sandbox for hostile JavaScript.\n\nExamples:\n  brink serve --port 80 --hostname 0.0.0.0 --state /var/lib/brink\n  brink serve --nats nats://127.0.0.1:4222",
    )
    .action((flags: ServeFlags) => serve({ ...flags, sharing: natsOf(flags) }, createOutput(flags), []));
}

/** Serves with what lies in the state, after `sources` are published as `live`; what the host refuses of them is shown, and stops no other. */
export async function serve(
  {
    port,
    hostname,
    state,
    platform = 'node',
    maxOperations,
    maxKeys,
    maxMessages,
    maxBytes,
    maxConnections,
    sharing: nats,
  }: ServeFlags & { readonly sharing?: NatsOptions | undefined },
  output: Output,
  sources: readonly Source[],
): Promise<void> {
  if (nats && platform !== 'node') throw usage('State in NATS is for --platform node.');
  const front = frontOf(maxConnections, platform);
  const quotas = {
    BRINK_MAX_OPERATIONS: maxOperations,
    BRINK_MAX_KEYS: maxKeys,
    BRINK_MAX_MESSAGES: maxMessages,
    BRINK_MAX_BYTES: maxBytes,
  };
  await runSession(
    { start: await starterOf(platform), output, port: portOf(port), hostname, state, nats, quotas, front },
    async ({ client, url }) => {
      for (const { name, bytes } of sources) {
        await output.progress(`Publishing ${name}`, () => client.publish(name, bytes, { alias: 'live' })).catch(output.failure);
      }
      const functions = await client.functions();
      if (!output.json && functions.length > 0) output.result(null, `${functionTable(functions)}\n`);
      if (functions.length === 0) output.note(`No functions yet. Publish one:  brink publish DIR --host ${url}`);
    },
  );
}

/** @throws {CliError} `usage` */
function frontOf(maxConnections: string | undefined, platform: (typeof PLATFORMS)[number]): FrontLimits | undefined {
  if (maxConnections === undefined) return undefined;
  if (platform !== 'node') throw usage('--max-connections is for --platform node.');
  if (!/^[1-9]\d{0,8}$/.test(maxConnections))
    throw usage(`--max-connections is a number from 1 on, not ${JSON.stringify(maxConnections)}.`);
  return { maxConnections: Number(maxConnections) };
}
