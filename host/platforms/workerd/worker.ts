import { waitUntil } from 'cloudflare:workers';
import { isAdmin } from '../../admin/path.ts';
import { createHost, type Host } from '../../app.ts';
import type { FunctionCalls } from '../../bindings/binding.ts';
import { manageBy } from '../../bindings/manage.ts';
import type { Databases } from '../../bindings/d1/databases.ts';
import { RateCounters } from '../../bindings/ratelimit/counters.ts';
import { scratchName } from '../../scopes.ts';
import { deliveredOf } from '../../bindings/queues/deliver.ts';
import { createMailbox, type Mailbox } from '../../mail/mailbox.ts';
import { createOutgoing } from '../../mail/outgoing.ts';
import type { Platform } from '../../platform.ts';
import { createKeyring } from '../../secrets/keyring.ts';
import { parseKeys } from '../../secrets/keys.ts';
import { quotasOf, type QuotaSettings } from '../../bindings/quotas.ts';
import { createClientAddress } from '../../gateway/client-address.ts';
import { createWorkerdEngine } from './engine.ts';
import { createFunctionBinding, createFunctionService, createLogSink, FunctionCache } from './entrypoints.ts';
import { createEgressEntrypoint, type Network } from './egress-entrypoint.ts';
import { besideTheCell } from './beside-the-cell.ts';
import { createFunctionCallsEntrypoint } from './function-calls.ts';
import { workerdEncoding } from './encoding.ts';
import { incoming } from './incoming.ts';
import type { R2Binding } from './r2-binding.ts';
import type { Queue } from '../../stores/queue.ts';
import { createOutbound } from './outbound.ts';
import { createR2Objects } from './r2-objects.ts';
import { createRemoteDatabases } from './remote-databases.ts';
import { relayBy, type MailDoor, type PlatformMail } from './relay.ts';
import { createRemoteLog } from './remote-log.ts';
import { createRemoteQueue } from './remote-queue.ts';
import { createRemoteBlobs, createRemoteStore } from './remote-stores.ts';
import { takeMail, type PlatformMessage } from './take-mail.ts';
import { SourceMaps } from './source-maps.ts';
import { createShardDoor } from './shard-door.ts';
import { isolatesIn, shardsOf, type Shards, type ShardsEnv } from './shards.ts';
import { watchSocket } from './watch-socket.ts';
import { BrinkState, type StateStub } from './state.ts';

/** The bindings of `wrangler.toml`, its secrets, and what the runner on this machine adds. */
export interface Env extends ShardsEnv {
  readonly LOADER: WorkerLoader;
  readonly STATE: DurableObjectNamespace<StateStub>;
  /** The objects of all functions' buckets; a host without it has none. */
  readonly BUCKET?: R2Binding;
  /** The admin API's token; without it that is closed. */
  readonly BRINK_TOKEN?: string;
  /** What functions' secrets are encrypted with: keys, the first of which encrypts; without it none can be set. */
  readonly BRINK_SECRET_KEY?: string;
  /** The function that answers at `/`. */
  readonly BRINK_ROOT?: string;
  /** "1": clients on this machine need no token. The local runner's alone. */
  readonly BRINK_LOOPBACK?: string;
  /** The address of every client, where the runner knows it and Cloudflare is not in front; "" where nobody does. */
  readonly BRINK_ADDRESS?: string;
  /** Addresses and ranges of proxies before the host, with commas between. */
  readonly BRINK_PROXIES?: string;
  /** The way out of functions: to public addresses, and to those of BRINK_OPEN. Cloudflare's own has no other addresses. */
  readonly BRINK_NETWORK?: Network;
  /** The addresses and ranges that it leads to besides public ones, with commas between. */
  readonly BRINK_OPEN?: string;
  /** "batched" or "exact": usage is counted; it is not without it. */
  readonly BRINK_METERING?: string;
  /** Days that it is kept; 90 without it. */
  readonly BRINK_USAGE_DAYS?: string;
  /** Sends mail of functions, on Cloudflare. */
  readonly BRINK_EMAIL?: PlatformMail;
  /** The same on this machine, where there is a relay. The local runner's alone. */
  readonly BRINK_RELAY?: MailDoor;
  /** "1": what no relay takes is kept. */
  readonly BRINK_MAILBOX?: string;
  /** Takes batches of events. The local runner's alone. */
  readonly BRINK_EVENTS?: { fetch(url: string, init: RequestInit): Promise<Response> };
}

const STARTUP_TIMEOUT = 5_000;
const REGISTRY_MAX_AGE = 1_000;
/** Bytes, of the 128 MiB that an isolate has. */
const RESPONSES = 16 * 2 ** 20;

const maps = new SourceMaps();
let platform: Platform | undefined;
let host: Host | undefined;
let shards: Shards | null | undefined;

export default {
  fetch(request: Request, env: Env): Response | Promise<Response> {
    const running = hostOf(env);
    // Before anyone looks at them: an earlier release kept no times of its own.
    if (!synced && isAdmin(request.url)) waitUntil(syncOnce(running));
    const normal = incoming(request);
    return normal instanceof Response ? normal : running.fetch(normal, env);
  },
  /** The objects that keep schedules have alarms of their own: where a cron trigger is left, it only makes sure of them. */
  async scheduled(_cron: unknown, env: Env): Promise<void> {
    await hostOf(env).syncSchedules();
  },
  /** Mail that Email Routing has for a function of this host. */
  email: (message: PlatformMessage, env: Env): Promise<void> => takeMail(hostOf(env), message),
};

let synced = false;

async function syncOnce(running: Host): Promise<void> {
  synced = true;
  await running.syncSchedules().catch(() => void (synced = false));
}

export class LogSink extends createLogSink((env) => platformOf(env as Env).log.emit, maps) {}
export class FunctionBinding extends createFunctionBinding({
  stateOf: (env, name) => (env as Env).STATE.getByName(name),
  rulesOf: (env, binding) => hostOf(env as Env).changeRules(binding),
  hostState(env, name) {
    const { STATE, BUCKET, BRINK_MAILBOX } = env as Env;
    return besideTheCell({
      store: createRemoteStore(() => STATE.getByName(name)),
      functions: functionCallsOf(hostOf(env as Env)),
      quotas: quotasOf(env as QuotaSettings),
      mail: createOutgoing({ relay: relayBy(env as Env), mailbox: BRINK_MAILBOX === '1' ? mailboxIn(STATE) : null }),
      ...(BUCKET && { objects: createR2Objects(BUCKET, Date.now) }),
      bucketEvents: {
        rules: (scope) => hostOf(env as Env).bucketRules(scope),
        send: (queue, messages) => queueIn((env as Env).STATE).send(queue, messages, { quota: quotasOf(env as QuotaSettings).queue }),
        posted: () => undefined,
      },
      ...(name.startsWith('shadow/') && {
        databases: databasesIn(STATE),
        rates: shadowRates,
        shadowWrote: (mark, kind, count) => hostOf(env as Env).shadowWrote(mark, kind, count),
      }),
    });
  },
}) {}
export class FunctionCallsEntrypoint extends createFunctionCallsEntrypoint({
  calls: (env) => functionCallsOf(hostOf(env as Env)),
  changeRules: (env, binding) => hostOf(env as Env).changeRules(binding),
  emit: (env, event) => platformOf(env as Env).log.emit(event),
}) {}
export class FunctionService extends createFunctionService((env) => hostOf(env as Env).services) {}
export class Egress extends createEgressEntrypoint((env) => {
  const { BRINK_NETWORK, BRINK_OPEN } = env as Env;
  return BRINK_NETWORK && { way: BRINK_NETWORK, open: openIn(BRINK_OPEN) };
}) {}
/** Open to shards alone. */
export class ShardDoor extends createShardDoor((env) => shardsIn(env as ShardsEnv)) {}
export { BrinkState, FunctionCache };

/** Of this isolate alone: they are of no one's that counts. */
const shadowRates = new RateCounters(Date.now);

function databasesIn(state: Env['STATE']): Databases {
  return createRemoteDatabases({
    stateOf: (name) => state.getByName(name),
    rulesOf: (scope) => host!.changeRules({ kind: 'd1', scope }),
  });
}

function queueIn(state: Env['STATE']): Queue {
  return createRemoteQueue((name) => state.getByName(`queues/${name}`));
}

function mailboxIn(state: Env['STATE']): Mailbox {
  return createMailbox({ store: createRemoteStore(() => state.getByName('mailbox')), now: Date.now });
}

function openIn(text = ''): readonly string[] {
  return text.split(',').filter((each) => each !== '');
}

function functionCallsOf(host: Host): FunctionCalls {
  return { ...host, queue: async (name, bound, batch) => deliveredOf(await host.queue(name, bound, batch)) };
}

function hostOf(env: Env): Host {
  return (host ??= createHost(platformOf(env)));
}

/** One for the isolate: its entrypoints share it. */
function platformOf(env: Env): Platform {
  return (platform ??= createPlatform(env));
}

function shardsIn(env: ShardsEnv): Shards | null {
  if (shards === undefined) shards = shardsOf(env);
  return shards;
}

function createPlatform({ LOADER, STATE, BRINK_TOKEN, BRINK_SECRET_KEY, BRINK_ROOT, BRINK_LOOPBACK, ...rest }: Env): Platform {
  const { BRINK_ADDRESS, BRINK_EVENTS, BRINK_METERING, BRINK_NETWORK, BRINK_OPEN, BRINK_PROXIES, BRINK_USAGE_DAYS } = rest;
  const clientOf = createClientAddress(openIn(BRINK_PROXIES));
  const state = () => STATE.getByName('host');
  const log = createRemoteLog({
    state,
    waitUntil,
    ...(BRINK_EVENTS && { also: (events) => BRINK_EVENTS.fetch('http://events/', { method: 'POST', body: events }) }),
  });
  const network = BRINK_NETWORK && { way: BRINK_NETWORK, open: openIn(BRINK_OPEN) };
  return {
    engine: createWorkerdEngine({
      ...isolatesIn({ loader: LOADER, network, shards: shardsIn(rest) }),
      maps,
      events: log.emit,
      startupTimeout: STARTUP_TIMEOUT,
      now: Date.now,
    }),
    store: createRemoteStore(state),
    blobs: createRemoteBlobs(state),
    keyring: createKeyring(() => (BRINK_SECRET_KEY ? parseKeys(BRINK_SECRET_KEY, 'BRINK_SECRET_KEY') : [])),
    databases: databasesIn(STATE),
    log,
    queues: {
      queue: queueIn(STATE),
      wake: (name, time) => STATE.getByName(`queues/${name}`).wakeQueue(name, time),
      quota: quotasOf(rest as QuotaSettings).queue,
    },
    mailbox: mailboxIn(STATE),
    admin: { token: BRINK_TOKEN || null, loopback: BRINK_LOOPBACK === '1' },
    manage: manageBy((binding, call) => STATE.getByName(`${binding.kind}/${binding.scope}`).manageBinding(binding, call)),
    now: Date.now,
    random: Math.random,
    waitUntil,
    outbound: createOutbound(network),
    connection: (_env, request) => ({
      address: clientOf(addressOf(request, BRINK_ADDRESS), (name) => request.headers.get(name)),
      rawHeaders: null,
      raw: request,
    }),
    registryMaxAge: REGISTRY_MAX_AGE,
    scratch: (of) => ({
      store: createRemoteStore(() => STATE.getByName(`shadow/${scratchName(of)}`)),
      databases: databasesIn(STATE),
      ...(rest.BUCKET && { objects: createR2Objects(rest.BUCKET, Date.now) }),
    }),
    responses: { memory: RESPONSES, store: createRemoteStore(() => STATE.getByName('responses')), encoding: workerdEncoding, apart: true },
    watchSocket,
    metering: BRINK_METERING ? { exact: BRINK_METERING === 'exact', days: Number(BRINK_USAGE_DAYS) || undefined } : undefined,
    root: BRINK_ROOT || undefined,
  };
}

/** Cloudflare sets this header itself, whatever the client sent; without Cloudflare in front it would be the client's own. */
function addressOf(request: Request, known: string | undefined): string | null {
  return known === undefined ? request.headers.get('cf-connecting-ip') : known || null;
}
