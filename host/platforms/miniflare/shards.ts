import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostEvent } from '../../observe/events.ts';
import type { NetworkOptions, Supervision } from '../running.ts';
import type { Loss } from '../workerd/shard-loader.ts';
import type { ShardsSpec } from '../workerd/shards.ts';
import { allowed } from './allowed.ts';
import { shardConfigs } from './shard-config.ts';
import { keepShard, type ShardProcess } from './shard-process.ts';
import { openShardSocket, type ShardSocket } from './shard-socket.ts';

export interface ShardsOptions extends Supervision {
  readonly count: number;
  readonly network: NetworkOptions;
  readonly emit: (event: HostEvent) => void;
}

/** The processes that run functions, seen from the one that starts them and the host's. */
export interface Shards extends ShardsSpec {
  /** The path at which the host listens for them. */
  readonly door: string;
  /** Where the host reaches each. */
  readonly paths: readonly string[];
  /** How a call ended whose answer the host has lost; null where its process has not. */
  lost(request: { readonly url: string }): Promise<Loss | null>;
  /** @param file the runtime's executable */
  start(file: string): void;
  /** The host has ended, and is about to be started anew. */
  hostEnded(): void;
  stop(): Promise<void>;
}

/** What has been answered may have lines of the log to send, which takes so long, in ms. */
const LINES = 100;

/** Nobody else on this machine can reach them: their sockets are files in a directory of this user alone. */
export async function openShards({ count, network, emit, patience, maxMemory }: ShardsOptions): Promise<Shards> {
  const directory = mkdtempSync(join(tmpdir(), 'brink-shards-'));
  const spec: ShardsSpec = { count, header: `brink-${randomBytes(16).toString('hex')}` };
  // As an address that ends with a port.
  const door = join(directory, 'host:0');
  const config = await shardConfigs({ ...spec, door, allow: allowed(network), open: network.open });
  const sockets: ShardSocket[] = [];
  for (let index = 0; index < count; index++) sockets.push(await openShardSocket(join(directory, String(index))));
  let processes: readonly ShardProcess[] = [];
  return {
    ...spec,
    door,
    paths: sockets.map(({ path }) => path),
    async lost({ url }) {
      const { pathname, searchParams } = new URL(url);
      const error = await processes[Number(pathname.slice(1))]!.lost(Number(searchParams.get('since')));
      return error && { code: error.code, message: error.message, retryAfter: error.details?.['retryAfter'] };
    },
    start(file) {
      const options = { file, config, emit, patience, maxMemory };
      processes = sockets.map((socket, index) => keepShard({ ...options, socket, name: `Worker ${index + 1} of ${count}` }));
    },
    // It can listen there again.
    hostEnded: () => rmSync(door, { force: true }),
    async stop() {
      await Promise.all(processes.map((each) => each.stop(LINES)));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
