import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { isIP } from 'node:net';
import type { Miniflare } from 'miniflare';
import { BrinkError } from '../../errors.ts';
import { quotaSettings, quotasFor } from '../quotas.ts';
import type { HostOptions, RunningHost } from '../running.ts';
import { secretKeys } from '../secret-keys.ts';
import { keptToken, newToken } from '../token.ts';
import { bundleEdge } from '../workerd/build.ts';
import { miniflareOptions, WORKER } from './options.ts';
import { activityOf, endWithParent, watchSpawns } from './runtime-process.ts';
import { supervise } from './supervisor.ts';

/** A host that answers nothing for this long, in ms, is started anew. */
const PATIENCE = 5_000;
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
  const given = { hostname, port, state, token, keys, root, network, onEvent, restarted };
  const options = await miniflareOptions({ ...given, quotas: quotaSettings(quotas) });

  let runtime: ChildProcess | undefined;
  const spawned = (child: ChildProcess) => {
    // Node tells of it before it has a process.
    setImmediate(() => {
      runtime = child;
      endWithParent(child);
    });
  };
  const miniflare = watchSpawns(spawned, () => new Miniflare(options));
  const url = await listening(miniflare, hostname, port);

  const supervisor = supervise({
    url: `${url}/_brink/health`,
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

  return {
    url,
    token,
    async stop() {
      supervisor.stop();
      await ended(runtime, miniflare);
    },
    clean: () => true,
  };
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
async function ended(runtime: ChildProcess | undefined, miniflare: Miniflare): Promise<void> {
  if (runtime?.exitCode === null && runtime.signalCode === null) {
    const exit = once(runtime, 'exit');
    let disposed: Promise<void> | undefined;
    runtime.prependOnceListener('exit', () => void (disposed = miniflare.dispose()));
    runtime.kill('SIGTERM');
    const timer = setTimeout(() => runtime.kill('SIGKILL'), DRAIN_TIMEOUT);
    await exit;
    clearTimeout(timer);
    await disposed;
    return;
  }
  await miniflare.dispose();
}
