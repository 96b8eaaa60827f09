import cluster from 'node:cluster';
import process from 'node:process';
import type { Command } from 'commander';
import type { AdminClient } from '../../admin/client.ts';
import { createOutput, type Output } from '../output.ts';
import { DEFAULT_STATE } from '../connection.ts';
import type { PoolSettings } from '../../platforms/pool-settings.ts';
import type { FrontLimits, NatsOptions, Supervision } from '../../platforms/running.ts';
import { usage } from '../failure.ts';
import { networkOf, withNetworkFlags, type NetworkFlags } from '../network-flags.ts';
import { meteringOf, withMeteringFlags, type MeteringFlags } from '../metering-flags.ts';
import { natsOf, withNatsFlags, type NatsFlags } from '../nats-flags.ts';
import { mailOf, smtpOf, withMailFlags, type MailFlags } from '../mail-flags.ts';
import { engineOf, starterOf, withEngineFlag, type EngineFlags, type EngineName } from '../engine.ts';
import { policyOf, withPolicyFlags, type PolicyFlags } from '../policy-flags.ts';
import { poolOf, withPoolFlags, type PoolFlags } from '../pool-flags.ts';
import { portOf, runSession } from '../session.ts';
import { tlsOf, withTlsFlags, type TlsFlags } from '../tls-flags.ts';
import type { Source } from '../source.ts';
import { superviseWorkers, workersOf, type Listening } from '../workers.ts';
import { functionTable } from './ls.ts';

interface ServeFlags extends NatsFlags, EngineFlags, PoolFlags, MailFlags, MeteringFlags, PolicyFlags, TlsFlags, Partial<NetworkFlags> {
  readonly port?: string;
  readonly hostname: string;
  readonly state: string;
  readonly maxOperations?: string;
  readonly maxKeys?: string;
  readonly maxMessages?: string;
  readonly maxBytes?: string;
  readonly maxObjects?: string;
  readonly maxBucketBytes?: string;
  readonly maxDatabaseBytes?: string;
  readonly maxConnections?: string;
  readonly workers?: string;
  readonly hangTimeout?: string;
  readonly takeover?: boolean;
  readonly drainTimeout?: string;
  readonly drainDelay?: string;
  readonly json?: boolean;
}

export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .summary('serve the published functions on Node')
    .description(
      'Serve the published functions on Node, or on workerd as Cloudflare would. Builds nothing; publish to it with `brink publish`.',
    );
  withEngineFlag(command, 'node')
    .option('--port <n>', 'PORT without it, else 8787; 0 takes any free one')
    .option('--hostname <address>', 'address to listen at; off this machine every admin call needs the token', '127.0.0.1')
    .option('--state <dir>', 'directory of the state: registry, artifacts and the admin token', DEFAULT_STATE)
    .option('--max-operations <n>', 'operations a second of each binding of a function; BRINK_MAX_OPERATIONS without it, else 250000')
    .option('--max-keys <n>', 'keys of each KV namespace; BRINK_MAX_KEYS without it, else 10000000')
    .option('--max-messages <n>', 'messages of each queue; BRINK_MAX_MESSAGES without it, else 10000000')
    .option('--max-bytes <n>', 'bytes of each KV namespace, and of each queue; BRINK_MAX_BYTES without it, else 10 GiB')
    .option('--max-objects <n>', 'objects of each bucket; BRINK_MAX_OBJECTS without it, else 10000000')
    .option('--max-bucket-bytes <n>', 'bytes of each bucket; BRINK_MAX_BUCKET_BYTES without it, else 100 GiB')
    .option('--max-database-bytes <n>', 'bytes of each SQL database; BRINK_MAX_DATABASE_BYTES without it, else 10 GiB')
    .option('--max-connections <n>', 'connections of clients at once, on Node; one more is closed as it comes. No limit without it')
    .option('--drain-timeout <s>', 'seconds that what runs may take when the host stops; then it is cut off', '10')
    .option('--drain-delay <s>', 'seconds that a host which stops still takes connections, while it says that it is not ready', '0')
    .option(
      '--workers <n>',
      'with state in NATS: processes that share the port (default: 1); on workerd: processes of their own for functions (default: none)',
    )
    .option('--hang-timeout <s>', 'on workerd: seconds without a sign of life until it is started anew (default: 5)')
    .option('--takeover', 'take the port over from the host that has it, which finishes what it has')
    .option('--json', 'one line of JSON per result: {"listening"}, then each event');
  withTlsFlags(withNetworkFlags(withNatsFlags(withMailFlags(withMeteringFlags(withPolicyFlags(withPoolFlags(command)))))))
    .addHelpText(
      'after',
      "\nTrust: on Node a worker thread keeps a function's faults away from others; it is no sandbox for hostile JavaScript.\n\nExamples:\n  brink serve --port 80 --hostname 0.0.0.0 --state /var/lib/brink\n  brink serve --nats nats://127.0.0.1:4222",
    )
    .action((flags: ServeFlags) => {
      const prepare = policyOf(flags);
      return serve({ ...flags, sharing: natsOf(flags) }, createOutput(flags), prepare && { prepare });
    });
}

/** Serves with what lies in the state, after `prepare` has done what it does, and `sources` are published as `live`; what the host refuses of them is shown, and stops no other. */
export async function serve(
  flags: ServeFlags & { readonly sharing?: NatsOptions | undefined },
  output: Output,
  { sources = [], prepare }: { readonly sources?: readonly Source[]; prepare?(client: AdminClient): Promise<void> } = {},
) {
  const { hostname, state, sharing: nats, takeover = false, drainTimeout, drainDelay } = flags;
  const engine = engineOf(flags, 'node');
  const workers = flags.workers === undefined ? null : workersOf(flags.workers);
  if (nats && engine !== 'node') throw usage('State in NATS is for --engine node.');
  const pool = poolOf(flags);
  if (engine !== 'node' && [flags.maxCalls, flags.maxCells, flags.memoryClass?.[0], flags.cpuClass?.[0]].some((flag) => flag !== undefined))
    throw usage('--memory-class, --cpu-class, --max-calls and --max-cells are for --engine node.');
  const front = frontOf(flags.maxConnections, engine);
  const tls = tlsOf(flags, engine);
  if (takeover && engine !== 'node') throw usage('--takeover is for --engine node.');
  const sharing = engine === 'node' && workers !== null && workers > 1;
  if (sharing) refuseWorkers(flags);
  if (sharing && cluster.isPrimary)
    return superviseWorkers({ count: workers, hostname, port: portOf(flags.port), output, tls: tls !== undefined });
  const quotas = {
    BRINK_MAX_OPERATIONS: flags.maxOperations,
    BRINK_MAX_KEYS: flags.maxKeys,
    BRINK_MAX_MESSAGES: flags.maxMessages,
    BRINK_MAX_BYTES: flags.maxBytes,
    BRINK_MAX_OBJECTS: flags.maxObjects,
    BRINK_MAX_BUCKET_BYTES: flags.maxBucketBytes,
    BRINK_MAX_DATABASE_BYTES: flags.maxDatabaseBytes,
  };
  const worker = cluster.worker && asWorker(output);
  const options = {
    start: await starterOf(engine),
    output: worker?.output ?? output,
    port: portOf(flags.port),
    hostname,
    state,
    nats,
    quotas,
    network: networkOf({ allowPrivate: flags.allowPrivate ?? [], trustProxy: flags.trustProxy ?? [] }),
    mail: mailOf(flags),
    smtp: smtpOf(flags),
    metering: meteringOf(flags),
    pool,
    front,
    tls,
    // Workers have the socket of the process that supervises them.
    listening: takeover ? ('taken-over' as const) : worker ? ('alone' as const) : ('shared' as const),
    drainTimeout: drainTimeout === undefined ? undefined : secondsOf('--drain-timeout', drainTimeout),
    drainDelay: drainDelay === undefined ? undefined : secondsOf('--drain-delay', drainDelay),
    ...(engine === 'workerd' && { supervision: supervisionOf(flags, { memory: pool.memory, workers }) }),
    ...(worker && { announce: worker.announce }),
  };
  await runSession(options, async ({ client, url }) => {
    await prepare?.(client);
    for (const { name, bytes } of sources) {
      await output.progress(`Publishing ${name}`, () => client.publish(name, bytes, { alias: 'live' })).catch(output.failure);
    }
    // One says it for all.
    if (worker && cluster.worker?.id !== 1) return;
    const functions = await client.functions();
    if (!output.json && functions.length > 0) output.result(null, `${functionTable(functions)}\n`);
    if (functions.length === 0) output.note(`No functions yet. Publish one:  brink publish DIR --host ${url}`);
  });
}

/** @throws {CliError} `usage` */
function refuseWorkers({ sharing: nats, takeover }: ServeFlags & { readonly sharing?: NatsOptions | undefined }): void {
  if (nats === undefined)
    throw usage(
      'Several workers need a state that processes can share. The one in the state directory is one process’s: it has the file locked, and leases of queues and locks in its memory. Give --nats URL (or BRINK_NATS), or leave --workers out.',
    );
  if (takeover === true)
    throw usage(
      '--takeover is for one process. Workers are replaced, one after another, when the process that supervises them gets SIGUSR2.',
    );
}

/** What a worker has to say that the process which supervises it says for all. */
function asWorker(output: Output): { readonly output: Output; announce(url: string): void } {
  // Where that is killed, what runs here may finish all the same.
  cluster.worker!.exitedAfterDisconnect = true;
  return {
    output: { ...output, note: () => {} },
    announce: (listening) => void process.send!({ listening } satisfies Listening),
  };
}

/** @throws {CliError} `usage` */
function supervisionOf(
  { hangTimeout }: ServeFlags,
  { memory, workers }: Pick<PoolSettings, 'memory'> & { readonly workers: number | null },
): Supervision {
  if (workers !== null && process.platform === 'win32')
    throw usage('On Windows workerd has no sockets that only its own user reaches, by which its processes talk. Leave --workers out.');
  return {
    ...(workers !== null && { workers }),
    ...(hangTimeout !== undefined && { patience: secondsOf('--hang-timeout', hangTimeout) }),
    ...(memory !== undefined && { maxMemory: memory }),
  };
}

/** @throws {CliError} `usage` */
function frontOf(maxConnections: string | undefined, engine: EngineName): FrontLimits | undefined {
  if (maxConnections === undefined) return undefined;
  if (engine !== 'node') throw usage('--max-connections is for --engine node.');
  if (!/^[1-9]\d{0,8}$/.test(maxConnections))
    throw usage(`--max-connections is a number from 1 on, not ${JSON.stringify(maxConnections)}.`);
  return { maxConnections: Number(maxConnections) };
}

/** In ms. @throws {CliError} `usage` */
function secondsOf(flag: string, text: string): number {
  if (/^\d{1,5}(\.\d{1,3})?$/.test(text)) return Number(text) * 1000;
  throw usage(`${flag} ${JSON.stringify(text)} is no number of seconds.`);
}
