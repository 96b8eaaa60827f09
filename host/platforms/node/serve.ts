import { once } from 'node:events';
import { isIP, type AddressInfo } from 'node:net';
import { createHost } from '../../app.ts';
import type { BindingsState } from '../../bindings/binding.ts';
import { manageBinding, runDue } from '../../bindings/kinds.ts';
import { manageBy } from '../../bindings/manage.ts';
import { Work, workFailed } from '../../bindings/work.ts';
import { BrinkError } from '../../errors.ts';
import { createMemoryLog } from '../../observe/log.ts';
import { createKeyring } from '../../secrets/keyring.ts';
import type { HostOptions, RunningHost } from '../running.ts';
import type { NodeRaw } from './call.ts';
import { createNodeEngine } from './engine.ts';
import { createFront } from './front.ts';
import { openState } from './state.ts';

const STARTUP_TIMEOUT = 5_000;
const DRAIN_TIMEOUT = 10_000;
/** As an isolate of Workers has. https://developers.cloudflare.com/workers/platform/limits/ */
const HEAP_LIMIT = 128;

/**
 * Starts a host on Node.
 *
 * @throws {BrinkError} `state-in-use`, `store-unavailable`, `secret-key-invalid`; `port-in-use` and `address-unavailable` where it cannot listen
 */
export async function startNode({
  hostname = '127.0.0.1',
  port,
  state: directory,
  token,
  secretKey,
  root,
  onEvent,
}: HostOptions): Promise<RunningHost> {
  const state = openState(directory, { token, secretKey });
  const log = createMemoryLog(onEvent);
  const bindings: BindingsState = {
    store: state.bindings,
    now: Date.now,
    functions: {
      scheduled: (name, reference, event) => host.scheduled(name, reference, event),
      schedules: (name) => host.schedules(name),
    },
    wake: (binding, time) => work.wake(binding, time),
    keep: (promise) => work.keep(promise),
  };
  const work = new Work({
    store: state.bindings,
    now: Date.now,
    run: (binding) => runDue(binding, bindings),
    failed: (binding, error) => log.emit(workFailed(binding, error, Date.now())),
  });
  const engine = createNodeEngine({
    events: log.emit,
    startupTimeout: STARTUP_TIMEOUT,
    heapLimit: HEAP_LIMIT,
    drainTimeout: DRAIN_TIMEOUT,
    bindings,
  });
  const host = createHost({
    engine,
    store: state.store,
    blobs: state.blobs,
    keyring: createKeyring(() => state.keys),
    log,
    admin: { token: state.token, loopback: isLoopback(hostname) },
    manage: manageBy((binding, call) => manageBinding(binding, bindings, call)),
    now: Date.now,
    random: Math.random,
    connection(env) {
      const raw = env as NodeRaw;
      return { address: raw.incoming.socket.remoteAddress ?? null, rawHeaders: raw.incoming.rawHeaders, raw };
    },
    registryMaxAge: Infinity,
    root,
  });
  const server = createFront((request, env) => host.fetch(request, env));
  try {
    await host.registry.sweep();
    server.listen(port, hostname);
    await once(server, 'listening');
    await host.syncSchedules();
    await work.start();
  } catch (cause) {
    state.close();
    throw cannotListen(cause, hostname, port);
  }
  return {
    url: `http://${isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${(server.address() as AddressInfo).port}`,
    token: state.token,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      await Promise.all([work.stop(), host.stop()]);
      server.closeAllConnections();
      await closed;
      state.close();
    },
  };
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
