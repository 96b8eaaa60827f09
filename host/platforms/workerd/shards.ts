import { exports } from 'cloudflare:workers';
import type { LimitedNetwork } from './egress-entrypoint.ts';
import type { WorkerdEngineOptions } from './engine.ts';
import type { Door } from './shard-door.ts';
import { createShardLoaders, type ShardStub } from './shard-loader.ts';
import { stubsBy, wireNetwork, wireStubs } from './shard-wire.ts';

/** What the local runner tells the host Worker where functions run in processes of their own. */
export interface ShardsEnv {
  /** JSON of a `ShardsSpec`. */
  readonly BRINK_SHARDS?: string;
  readonly BRINK_SHARD_ENDS?: { fetch(url: string): Promise<Response> };
  /** Each by its number. */
  readonly [shard: `BRINK_SHARD_${number}`]: ShardStub;
}

/** Of one start of the host; no function learns it. */
export interface ShardsSpec {
  readonly count: number;
  /** The name of the header that says what a request between them is: what a client or a function sends is none. */
  readonly header: string;
}

export interface Shards extends Door, Pick<WorkerdEngineOptions, 'loaderOf'> {}

/** Where isolates are made, and what their stubs are. */
export type Isolates = Pick<WorkerdEngineOptions, 'loaderOf' | 'stubs' | 'network'>;

export interface IsolatesOptions {
  /** Of the host's own process. */
  readonly loader: WorkerLoader;
  readonly network: LimitedNetwork | undefined;
  readonly shards: Shards | null;
}

/** null where the host has the functions in its own process. */
export function shardsOf(env: ShardsEnv): Shards | null {
  if (!env.BRINK_SHARDS) return null;
  const { count, header } = JSON.parse(env.BRINK_SHARDS) as ShardsSpec;
  const shards = Array.from({ length: count }, (_, index) => env[`BRINK_SHARD_${index}`]!);
  const loaders = createShardLoaders({ shards, header, ends: env.BRINK_SHARD_ENDS! });
  return { header, code: (id) => loaders.code(id), loaderOf: (name) => loaders.of(name) };
}

export function isolatesIn({ loader, network, shards }: IsolatesOptions): Isolates {
  if (shards === null)
    return { loaderOf: () => loader, stubs: stubsBy((kind, props) => exports[kind]!({ props })), ...(network && { network }) };
  return {
    loaderOf: (name) => shards.loaderOf(name),
    stubs: wireStubs(),
    ...(network && { network: { way: wireNetwork(), open: network.open } }),
  };
}
