import { once } from 'node:events';
import { isIP, type AddressInfo } from 'node:net';
import { createHost } from '../../app.ts';
import { manageBinding } from '../../bindings/kinds.ts';
import { manageBy } from '../../bindings/manage.ts';
import { BrinkError } from '../../errors.ts';
import type { Registry } from '../../registry/registry.ts';
import type { NoticeEvent } from '../../observe/events.ts';
import { createMemoryLog } from '../../observe/log.ts';
import { createKeyring } from '../../secrets/keyring.ts';
import { MovableClock } from '../../timing/clock.ts';
import { quotasFor } from '../quotas.ts';
import type { HostOptions, RunningHost } from '../running.ts';
import { createBindings } from './bindings.ts';
import type { NodeRaw } from './call.ts';
import { NodeConnection } from './connection.ts';
import { createNodeEngine } from './engine.ts';
import { createFront } from './front.ts';
import { createPool } from './pool.ts';
import { openSharedState } from './shared-state.ts';
import { openState } from './state.ts';

const STARTUP_TIMEOUT = 5_000;
const DRAIN_TIMEOUT = 10_000;
/** Each takes some 10 MB; a second one would serve only functions that start within the 40 ms of each other. */
const BLANKS = 1;
/** Of what others write, a host is told; this is for what gets lost, in ms. */
const SHARED_MAX_AGE = 10_000;
/** In ms: longer than any publish takes. */
const PUBLISH_ENDS = 15 * 60_000;

/**
 * Starts a host on Node.
 *
 * @throws {BrinkError} `state-in-use`, `store-unavailable`, `secret-key-invalid`, `quota-invalid`; `port-in-use` and `address-unavailable` where it cannot listen
 */
export async function startNode({
  hostname = '127.0.0.1',
  port,
  state: directory,
  token,
  secretKey,
  nats,
  quotas,
  pool = {},
  root,
  network,
  movable = false,
  front: frontOptions,
  onEvent,
}: HostOptions): Promise<RunningHost> {
  const clock = movable ? new MovableClock() : { now: Date.now };
  const { now } = clock;
  const log = createMemoryLog(onEvent);
  const onCut = (reason: string | null) => log.emit(cutNotice(reason));
  const state = nats
    ? await openSharedState(directory, { nats, onCut, token, secretKey })
    : openState(directory, { token, secretKey, now });
  const bindings = createBindings({ state, directory, quotas: quotasFor(quotas), emit: log.emit, clock, host: () => host });
  const engine = createNodeEngine({
    events: log.emit,
    startupTimeout: STARTUP_TIMEOUT,
    drainTimeout: DRAIN_TIMEOUT,
    blanks: BLANKS,
    bindings: bindings.state,
    now,
    network,
    ...(clock instanceof MovableClock && { ahead: clock.shared }),
  });
  const host = createHost({
    engine,
    store: state.store,
    blobs: state.blobs,
    keyring: createKeyring(() => state.keys),
    databases: bindings.state.databases,
    log,
    queues: bindings.queues,
    admin: { token: state.token, loopback: isLoopback(hostname) },
    manage: manageBy((binding, call) => manageBinding(binding, bindings.state, call)),
    now,
    ...(bindings.ticks && { ticks: bindings.ticks }),
    random: Math.random,
    waitUntil: () => {},
    connection: (env) => new NodeConnection(env as NodeRaw),
    registryMaxAge: nats ? SHARED_MAX_AGE : Infinity,
    changes: state.changes,
    pool: createPool(pool),
    root,
  });
  const front = createFront((request, env) => host.fetch(request, env), frontOptions);
  const { server } = front;
  let sweeping: NodeJS.Timeout | undefined;
  try {
    if (nats) sweeping = await sweepLater(host.registry);
    else await host.registry.sweep();
    server.listen(port, hostname);
    await once(server, 'listening');
    await host.syncSchedules();
    await bindings.start();
    await host.warm();
  } catch (cause) {
    clearTimeout(sweeping);
    await state.close();
    throw cannotListen(cause, hostname, port);
  }
  return {
    url: `http://${isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${(server.address() as AddressInfo).port}`,
    token: state.token,
    async stop() {
      const closed = once(server, 'close');
      front.drain();
      await Promise.all([bindings.stop(), host.stop()]);
      front.close();
      await closed;
      await bindings.close();
      clearTimeout(sweeping);
      await state.close();
    },
  };
}

/** Another host may be publishing: what is no one's now goes if it is still so when any publish of now has ended. */
async function sweepLater(registry: Registry): Promise<NodeJS.Timeout> {
  const orphans = await registry.orphans();
  return setTimeout(() => void registry.sweep(orphans).catch(() => {}), PUBLISH_ENDS).unref();
}

function cutNotice(reason: string | null): NoticeEvent {
  const about = { type: 'host', time: Date.now(), function: '*', version: 0 } as const;
  if (reason === null) return { ...about, level: 'info', message: 'The state can be reached again.' };
  return { ...about, level: 'error', message: `Cut off from the state: ${reason}` };
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '::1' || hostname.startsWith('127.');
}

function cannotListen(cause: unknown, hostname: string, port: number): unknown {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') {
    return new BrinkError('port-in-use', `Port ${port} of ${hostname} is taken. Choose another with \`--port\`; 0 takes any free one.`, {
      cause,
      details: { port },
    });
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new BrinkError('address-unavailable', `Cannot listen at ${hostname}:${port}: ${(cause as Error).message}.`, {
      cause,
      details: { hostname, port },
    });
  }
  return cause;
}
