import { join, resolve } from 'node:path';
import { debuglog } from 'node:util';
import type { MiniflareOptions, WorkerdStructuredLog } from 'miniflare';
import type { QuotaSettings } from '../../bindings/quotas.ts';
import type { HostEvent } from '../../observe/events.ts';
import type { MeteringOptions, NetworkOptions } from '../running.ts';
import type { Relay } from '../../mail/outgoing.ts';
import { sendThrough } from '../smtp/relay-door.ts';
import { SHARD_FLAGS } from './shard-config.ts';
import { allowed } from './allowed.ts';
import type { Shards } from './shards.ts';
import type { ShardsSpec } from '../workerd/shards.ts';
import { bundleEdge, COMPATIBILITY } from '../workerd/build.ts';

export interface RunnerOptions {
  /** Where clients come in. */
  readonly hostname: string;
  /** Where the runtime listens. */
  readonly direct: { readonly host: string; readonly port: number };
  readonly state: string | null;
  readonly token: string;
  /** What secrets are encrypted with. */
  readonly keys: readonly Uint8Array[];
  readonly quotas: QuotaSettings;
  readonly root: string | undefined;
  readonly relay: Relay | null;
  /** Whether mail is kept that no relay takes. */
  readonly mailbox: boolean;
  readonly metering: MeteringOptions | undefined;
  readonly network: NetworkOptions;
  readonly onEvent: ((event: HostEvent) => void) | undefined;
  readonly restarted: () => void;
  /** null: functions run where the host does. */
  readonly shards: Shards | null;
}

export const WORKER = 'brink';

/** Miniflare's options for the host Worker: what `wrangler.toml` says for Cloudflare, and what only this machine has. */
export async function miniflareOptions({
  hostname,
  direct,
  state,
  token,
  keys,
  quotas,
  root,
  relay,
  mailbox,
  metering,
  network,
  onEvent,
  restarted,
  shards,
}: RunnerOptions): Promise<MiniflareOptions> {
  const { code } = await bundleEdge();
  return {
    host: '127.0.0.1',
    port: 0,
    cf: false,
    enableDevRegistry: false,
    telemetry: { enabled: false },
    handleStructuredLogs: printLog,
    unsafeHandleRuntimeRestart: restarted,
    ...(state !== null && { resourcePersistencePath: resolve(join(state, 'workerd')) }),
    workers: [
      {
        config: {
          name: WORKER,
          compatibilityDate: COMPATIBILITY.date,
          compatibilityFlags: [...COMPATIBILITY.flags, ...(shards ? SHARD_FLAGS : [])],
          manifest: { mainModule: 'worker.js', modules: { 'worker.js': { type: 'esm', contents: code } } },
          env: {
            LOADER: { type: 'worker-loader' },
            BUCKET: { type: 'r2', name: 'brink' },
            STATE: { type: 'durable-object', worker: WORKER, exportName: 'BrinkState' },
            BRINK_TOKEN: { type: 'text', value: token },
            BRINK_SECRET_KEY: { type: 'text', value: keys.map((key) => Buffer.from(key).toString('base64')).join() },
            // Any header that names an address could be the client's own, and the socket tells none: but who reaches a loopback address is local.
            BRINK_ADDRESS: { type: 'text', value: isLoopback(hostname) ? '127.0.0.1' : '' },
            BRINK_PROXIES: { type: 'text', value: (network.proxies ?? []).join() },
            BRINK_LOOPBACK: { type: 'text', value: isLoopback(hostname) ? '1' : '' },
            BRINK_NETWORK: { type: 'network', allow: [...allowed(network)], tlsOptions: { trustBrowserCas: true } },
            BRINK_OPEN: { type: 'text', value: network.open.join() },
            BRINK_MAILBOX: { type: 'text', value: mailbox ? '1' : '' },
            ...(metering && {
              BRINK_METERING: { type: 'text' as const, value: metering.exact ? 'exact' : 'batched' },
              BRINK_USAGE_DAYS: { type: 'text' as const, value: String(metering.days ?? '') },
            }),
            BRINK_ROOT: { type: 'text', value: root ?? '' },
            ...Object.fromEntries(Object.entries(quotas).map(([name, value]) => [name, { type: 'text' as const, value: value ?? '' }])),
            ...(shards && shardBindings(shards)),
            ...(relay && { BRINK_RELAY: { type: 'fetcher' as const, handler: takeMail(relay) } }),
            ...(onEvent && { BRINK_EVENTS: { type: 'fetcher' as const, handler: takeEvents(onEvent) } }),
          },
          exports: { BrinkState: { type: 'durable-object', storage: 'sqlite' } },
        },
        // Miniflare's own entry costs more than the host does.
        dev: { unsafeDirectSockets: [direct, ...(shards ? [doorAt(shards.door)] : [])] },
      },
    ],
  };
}

/** Miniflare writes an address as a host and a port; of a path they are the two parts, which it puts together again. */
function doorAt(path: string) {
  const [host, port] = `unix:${path}`.split(/:(?=\d+$)/) as [string, string];
  return { host, port: Number(port), entrypoint: 'ShardDoor' };
}

function shardBindings({ count, header, paths, lost }: Shards) {
  const spec: ShardsSpec = { count, header };
  return {
    BRINK_SHARDS: { type: 'text' as const, value: JSON.stringify(spec) },
    BRINK_SHARD_ENDS: {
      type: 'fetcher' as const,
      handler: async (request: { readonly url: string }) => {
        const { Response } = await import('miniflare');
        return new Response(JSON.stringify(await lost(request)));
      },
    },
    ...Object.fromEntries(
      paths.map((path, index) => [`BRINK_SHARD_${index}`, { type: 'external' as const, address: `unix:${path}`, http: {} }]),
    ),
  };
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '::1' || hostname.startsWith('127.');
}

function takeEvents(onEvent: (event: HostEvent) => void) {
  return async (request: { json(): Promise<unknown> }) => {
    for (const event of (await request.json()) as HostEvent[]) onEvent(event);
    const { Response } = await import('miniflare');
    return new Response(null, { status: 204 });
  };
}

function takeMail(relay: Relay) {
  return async (request: Parameters<typeof sendThrough>[1]) => {
    const { status, body } = await sendThrough(relay, request);
    const { Response } = await import('miniflare');
    return new Response(body, { status });
  };
}

/** Functions write to the host's log; what comes here is the runtime's own: NODE_DEBUG=brink shows it. */
const debug = debuglog('brink');
function printLog({ level, message }: WorkerdStructuredLog): void {
  debug('workerd %s: %s', level, message);
}
