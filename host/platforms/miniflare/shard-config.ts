import { HOST_CAPNP_CONNECT, serializeConfig } from 'miniflare';
import { bundleShard, COMPATIBILITY } from '../workerd/build.ts';
import type { ShardsSpec } from '../workerd/shards.ts';

export interface ShardConfigOptions extends Pick<ShardsSpec, 'header'> {
  /** The path at which the host listens for shards. */
  readonly door: string;
  /** What functions reach, as the runtime says it, and as the host does. */
  readonly allow: readonly string[];
  readonly open: readonly string[];
}

/** A request that is sent on has its signal, on both sides of the border. */
export const SHARD_FLAGS = ['enable_abortsignal_rpc'] as const;

/** Writes the config of a runtime that runs functions alone; it listens at a path. */
export async function shardConfigs({ header, door, allow, open }: ShardConfigOptions): Promise<(path: string) => Uint8Array> {
  const { code } = await bundleShard();
  // Calls of methods cross as well.
  const http = { capnpConnectHost: HOST_CAPNP_CONNECT };
  return (path) =>
    serializeConfig({
      services: [
        {
          name: 'shard',
          worker: {
            modules: [{ name: 'shard.js', esModule: code }],
            compatibilityDate: COMPATIBILITY.date,
            compatibilityFlags: [...COMPATIBILITY.flags, ...SHARD_FLAGS],
            bindings: [
              { name: 'LOADER', workerLoader: {} },
              { name: 'HOST', service: { name: 'host' } },
              { name: 'NETWORK', service: { name: 'internet' } },
              { name: 'OPEN', text: open.join() },
              { name: 'HEADER', text: header },
            ],
          },
        },
        { name: 'host', external: { address: `unix:${door}`, http } },
        { name: 'internet', network: { allow: [...allow], tlsOptions: { trustBrowserCas: true } } },
      ],
      sockets: [{ name: 'shard', address: `unix:${path}`, http, service: { name: 'shard' } }],
    });
}
