import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { RequestOptions } from 'node:http';
import { isIP } from 'node:net';
import type { Miniflare } from 'miniflare';
import { BrinkError } from '../../errors.ts';
import type { HostEvent } from '../../observe/events.ts';
import { freePort } from '../listen.ts';
import { quotaSettings, quotasFor } from '../quotas.ts';
import type { HostOptions, RunningHost } from '../running.ts';
import { listenSmtp } from '../smtp/listen.ts';
import { relayOf } from '../smtp/relay.ts';
import { secretKeys } from '../secret-keys.ts';
import { keptToken, newToken } from '../token.ts';
import { bundleEdge } from '../workerd/build.ts';
import { UNUSED, withoutServices } from './lean-config.ts';
import { miniflareOptions, WORKER } from './options.ts';
import { PATIENCE } from './runtime-end.ts';
import { activityOf, endWithParent, watchInput, watchSpawns } from './runtime-process.ts';
import { openShards } from './shards.ts';
import { superviseRuntime } from './supervised.ts';
import { supervise } from './supervisor.ts';

/** How long invocations get to finish when it stops, in ms. */
const DRAIN_TIMEOUT = 5_000;

/**
 * Starts the host Worker on Miniflare.
 *
 * @throws {BrinkError} `port-in-use` where it cannot listen, `secret-key-invalid`, `quota-invalid`
 */
export async function startMiniflare({
  hostname = '127.0.0.1',
  port,
  state,
  token = tokenOf(state),
  secretKey,
  quotas,
  root,
  mail,
  smtp,
  metering,
  drainTimeout = DRAIN_TIMEOUT,
  supervision,
  network = { open: [] },
  onEvent,
}: HostOptions): Promise<RunningHost> {
  // Wrong ones are refused here, and read there.
  quotasFor(quotas);
  // esbuild works in a process of its own, meanwhile.
  void bundleEdge().catch(() => {});
  const { Miniflare } = await import('miniflare');
  const restarted = () => supervisor.resume();
  const keys = secretKeys(state, secretKey);
  // Behind the supervisor it has one port for all its lives.
  const direct = supervision ? { host: '127.0.0.1', port: await freePort('127.0.0.1') } : { host: hostname, port };
  const relay = relayOf(mail);
  const workers = supervision?.workers ?? 0;
  const emit = (event: HostEvent) => onEvent?.(event);
  const shards = supervision && workers > 0 ? await openShards({ ...supervision, count: workers, network, emit }) : null;
  const given = {
    hostname,
    direct,
    state,
    token,
    keys,
    root,
    relay,
    mailbox: mail?.mailbox === true,
    metering,
    network,
    onEvent,
    restarted,
    shards,
  };
  const options = await miniflareOptions({ ...given, quotas: quotaSettings(quotas) });

  let runtime: ChildProcess | undefined;
  let config = (): Uint8Array => new Uint8Array();
  const spawned = (child: ChildProcess) => {
    config = watchInput(child, (written) => withoutServices(written, UNUSED));
    // Node tells of it before it has a process.
    setImmediate(() => {
      runtime = child;
      endWithParent(child);
      shards?.start(child.spawnfile);
    });
  };
  const miniflare = watchSpawns(spawned, () => new Miniflare(options));
  const url = await listening(miniflare, direct.host, direct.port).catch(async (error: unknown) => {
    await shards?.stop();
    throw error;
  });
  if (supervision) {
    const front = { ...supervision, address: { hostname, port }, port: direct.port, first: runtime!, config: config(), emit, shards };
    const supervised = await superviseRuntime(front).catch(async (error: unknown) => {
      await miniflare.dispose();
      await shards?.stop();
      throw error;
    });
    let clean = true;
    const door = await listenSmtp(smtp, { url: supervised.url, token }).catch(async (error: unknown) => {
      await supervised.stop(0, () => miniflare.dispose());
      throw error;
    });
    return {
      url: supervised.url,
      token,
      smtpUrl: door?.url,
      async stop() {
        await door?.stop(drainTimeout);
        // Miniflare ends as the runtime does, or it would start another.
        clean = await supervised.stop(drainTimeout, () => miniflare.dispose());
        relay?.close();
      },
      clean: () => clean,
    };
  }

  const supervisor = supervise({
    where: healthAt(url),
    patience: PATIENCE,
    activity: () => activityOf(runtime?.pid),
    hung() {
      onEvent?.({
        type: 'cell',
        time: Date.now(),
        function: '*',
        version: 0,
        change: 'crashed',
        reason: `The runtime gave no answer for ${PATIENCE} ms, as when a function never returns: it is started anew.`,
      });
      runtime?.kill('SIGKILL');
    },
  });

  const door = await listenSmtp(smtp, { url, token }).catch(async (error: unknown) => {
    supervisor.stop();
    await ended(runtime, miniflare, 0);
    throw error;
  });
  return {
    url,
    token,
    smtpUrl: door?.url,
    async stop() {
      await door?.stop(drainTimeout);
      supervisor.stop();
      await ended(runtime, miniflare, drainTimeout);
      relay?.close();
    },
    clean: () => true,
  };
}

function healthAt(url: string): RequestOptions {
  const { hostname: host, port } = new URL(url);
  return { host: host.replace(/^\[|\]$/g, ''), port, path: '/_brink/health' };
}

function tokenOf(state: string | null): string {
  return state === null ? newToken() : keptToken(state);
}

async function listening(miniflare: Miniflare, hostname: string, port: number): Promise<string> {
  try {
    await miniflare.ready;
    const { port: taken } = await miniflare.unsafeGetDirectURL(WORKER);
    return `http://${isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${taken}`;
  } catch (cause) {
    await miniflare.dispose().catch(() => {});
    if (!/address already in use/i.test((cause as Error).message)) throw cause;
    throw new BrinkError('port-in-use', `Port ${port} of ${hostname} is taken. Choose another with \`--port\`; 0 takes any free one.`, {
      cause,
      details: { port },
    });
  }
}

/** On SIGTERM workerd finishes what it runs. Miniflare must hear of its own end before it sees that the process is gone, or it starts another. */
async function ended(runtime: ChildProcess | undefined, miniflare: Miniflare, within: number): Promise<void> {
  if (runtime?.exitCode === null && runtime.signalCode === null) {
    const exit = once(runtime, 'exit');
    let disposed: Promise<void> | undefined;
    runtime.prependOnceListener('exit', () => void (disposed = miniflare.dispose()));
    runtime.kill('SIGTERM');
    const timer = setTimeout(() => runtime.kill('SIGKILL'), within);
    await exit;
    clearTimeout(timer);
    await disposed;
    return;
  }
  await miniflare.dispose();
}
