import { setTimeout as wait } from 'node:timers/promises';
import { createHost } from '../../app.ts';
import { manageBinding } from '../../bindings/kinds.ts';
import { manageBy } from '../../bindings/manage.ts';
import { createMailbox } from '../../mail/mailbox.ts';
import { createOutgoing } from '../../mail/outgoing.ts';
import type { Registry } from '../../registry/registry.ts';
import type { NoticeEvent } from '../../observe/events.ts';
import { createMemoryLog } from '../../observe/log.ts';
import { createKeyring } from '../../secrets/keyring.ts';
import { MovableClock } from '../../timing/clock.ts';
import { relayOf } from '../smtp/relay.ts';
import { listenSmtp, type SmtpDoor } from '../smtp/listen.ts';
import { createDoor } from '../door.ts';
import { quotasFor } from '../quotas.ts';
import type { HostOptions, RunningHost } from '../running.ts';
import { keptToken } from '../token.ts';
import { arrive } from './arrival.ts';
import { createBindings } from './bindings.ts';
import type { NodeRaw } from './call.ts';
import { NodeConnection } from './connection.ts';
import { drain } from './drain.ts';
import { nodeEncoding } from './encoding.ts';
import { createNodeEngine } from './engine.ts';
import { createFront } from './front.ts';
import { createHold } from './hold.ts';
import { lightMessages } from './light-messages.ts';
import { watchLoad } from './load.ts';
import { createClientAddress } from '../../gateway/client-address.ts';
import { createOutbound } from './outbound.ts';
import { createOwnFetch } from './own-fetch.ts';
import { readPair } from './pair.ts';
import { createPool } from './pool.ts';
import { watchPair } from './renewal.ts';
import { responseBodies } from './sized.ts';
import { openSharedState } from './shared-state.ts';
import { openState } from './state.ts';
import { watchUpgrade } from './upgrade.ts';
import { upgradedOf } from './upgraded.ts';

const STARTUP_TIMEOUT = 5_000;
const DRAIN_TIMEOUT = 10_000;
/** Each takes some 10 MB; a second one would serve only functions that start within the 40 ms of each other. */
const BLANKS = 1;
/** Of what others write, a host is told; this is for what gets lost, in ms. */
const SHARED_MAX_AGE = 10_000;
/** Bytes. */
const RESPONSES = 64 * 2 ** 20;
/** In ms: longer than any publish takes. */
const PUBLISH_ENDS = 15 * 60_000;

/**
 * Starts a host on Node.
 *
 * @throws {BrinkError} `state-in-use`, `store-unavailable`, `secret-key-invalid`, `quota-invalid`, `certificate-invalid`; `port-in-use` and `address-unavailable` where it cannot listen
 */
export async function startNode({
  hostname = '127.0.0.1',
  port,
  state: directory,
  token,
  secretKey,
  nats,
  quotas,
  mail,
  smtp,
  metering,
  root,
  movable = false,
  pool = {},
  network,
  front: frontLimits,
  tls: files,
  listening = 'alone',
  onLeave,
  drainTimeout = DRAIN_TIMEOUT,
  drainDelay = 0,
  onEvent,
}: HostOptions): Promise<RunningHost> {
  const clock = movable ? new MovableClock() : { now: Date.now };
  const { now } = clock;
  const log = createMemoryLog(onEvent);
  let cutOff = false;
  const onCut = (reason: string | null) => {
    cutOff = reason !== null;
    log.emit(cutNotice(reason));
  };
  const hold = createHold();
  const pair = files && (await readPair(files));
  const front = createFront(hold.fetch, { ...frontLimits, keys: pair?.keys });
  const { server } = front;
  const door = createDoor(server, upgradedOf(front));
  const arrival = await arrive(server, {
    hostname,
    port,
    listening,
    secure: pair !== undefined,
    token: () => token ?? (directory === null ? '' : keptToken(directory)),
  });
  const state = nats
    ? await openSharedState(directory, { nats, onCut, token, secretKey })
    : await arrival.alone(() => openState(directory, { token, secretKey, now }));
  const mailbox = createMailbox({ store: state.bindings, now });
  const relay = relayOf(mail);
  const outgoing = createOutgoing({ relay, mailbox: mail?.mailbox === true ? mailbox : null });
  const bindings = createBindings({ state, directory, quotas: quotasFor(quotas), mail: outgoing, emit: log.emit, clock, host: () => host });
  const engine = createNodeEngine({
    events: log.emit,
    startupTimeout: STARTUP_TIMEOUT,
    blanks: BLANKS,
    network,
    drainTimeout: Math.max(drainTimeout, DRAIN_TIMEOUT),
    bindings: bindings.state,
    now,
    ...(clock instanceof MovableClock && { ahead: clock.shared }),
  });
  const clientOf = network?.proxies && createClientAddress(network.proxies);
  const load = watchLoad();
  let draining = false;
  const host = createHost({
    engine,
    store: state.store,
    blobs: state.blobs,
    keyring: createKeyring(() => state.keys),
    databases: bindings.state.databases,
    log,
    queues: bindings.queues,
    mailbox,
    admin: { token: state.token, loopback: isLoopback(hostname) },
    manage: manageBy((binding, call) => manageBinding(binding, bindings.state, call)),
    leave: onLeave,
    condition: () => ({ draining, overloaded: load.overloaded(), cutOff }),
    now,
    ...(bindings.ticks && { ticks: bindings.ticks }),
    random: Math.random,
    waitUntil: () => {},
    outbound: createOutbound(network),
    connection: (env) => new NodeConnection(env as NodeRaw, clientOf),
    registryMaxAge: nats ? SHARED_MAX_AGE : Infinity,
    changes: state.changes,
    responses: {
      memory: RESPONSES,
      store: directory === null && !nats ? null : state.store,
      messages: lightMessages,
      bodies: responseBodies,
      encoding: nodeEncoding,
      apart: false,
    },
    scratch: () => bindings.state,
    pool: createPool(pool),
    watchSocket: watchUpgrade,
    metering: metering && { ...metering, body: responseBodies },
    root,
  });
  const renewal = files && watchPair(files, { pair: pair!, renew: front.http2.secure!.renew, emit: log.emit });
  const tls = renewal && { ...renewal, fetch: createOwnFetch() };
  let sweeping: NodeJS.Timeout | undefined;
  let url: string;
  let smtpDoor: SmtpDoor | null;
  try {
    if (nats) sweeping = await sweepLater(host.registry);
    else await host.registry.sweep();
    hold.open((request, env) => host.fetch(request, env));
    url = await arrival.listen();
    await host.syncSchedules();
    await bindings.start();
    await host.warm();
    smtpDoor = await listenSmtp(smtp, { url, token: state.token, ...(tls && { fetch: tls.fetch }) });
  } catch (error) {
    door.cut();
    server.close();
    clearTimeout(sweeping);
    load.stop();
    renewal?.stop();
    await state.close();
    throw error;
  }
  let clean = true;
  return {
    url,
    token: state.token,
    tls,
    smtpUrl: smtpDoor?.url,
    async stop() {
      draining = true;
      await smtpDoor?.stop(drainTimeout);
      if (drainDelay > 0) await wait(drainDelay);
      clean = await drain({ door, bindings, host, engine, emit: log.emit, timeout: drainTimeout });
      await bindings.close();
      relay?.close();
      clearTimeout(sweeping);
      load.stop();
      renewal?.stop();
      await state.close();
    },
    clean: () => clean,
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
