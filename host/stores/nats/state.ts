import type { Blobs } from '../blobs.ts';
import type { CreateHash } from '../hash.ts';
import type { Queue } from '../queue.ts';
import type { Store } from '../store.ts';
import { createStoreBlobs } from './blobs.ts';
import { openBucket } from './bucket.ts';
import { createObjectFiles } from './objects/files.ts';
import { createStoreObjects, type StoreObjects } from './objects/objects.ts';
import { linkOf, type Connected, type Link } from './link.ts';
import { createPartStore } from './parts.ts';
import { createPresence } from './presence.ts';
import { createBuckets } from './setup.ts';
import { createNatsStore, liveHeads } from './store.ts';
import { Sweeper } from './sweeper.ts';
import { createNatsQueue } from './queue/queue.ts';
import { watchHeads, watchKeys } from './watch.ts';

export interface NatsStateOptions {
  readonly now: () => number;
  readonly createHash: CreateHash;
  /** Of the names of its buckets. */
  readonly prefix: string;
  /** On how many servers of a cluster they lie; undefined: as they are, or 1. */
  readonly replicas?: number | undefined;
}

/** The state of any number of hosts. */
export interface NatsState {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly bindings: Store;
  readonly objects: StoreObjects;
  readonly queue: Queue;
  readonly sweeper: Sweeper;
  /** Whether the server takes away by itself what has a time to live. */
  readonly ttl: boolean;
  /** Calls `changed` with each key of `store` that any host writes or deletes, until it is stopped. */
  watch(changed: (key: string) => void): Promise<() => void>;
  /** Before the connection is closed. */
  stop(): void;
}

const REGISTRY = 'registry';

/** @throws {BrinkError} `store-unavailable` */
export async function openNatsState(connected: Connected, { now, createHash, ...options }: NatsStateOptions): Promise<NatsState> {
  const link: Link = await linkOf(connected);
  const { names, direct, ttl, inline } = await createBuckets(link, options);
  const bucket = openBucket(link, { name: names.state, direct, ttl });
  const parts = createPartStore(openBucket(link, { name: names.parts, direct, ttl }), { size: inline, now });
  const sweeper = new Sweeper({ bucket, parts, now, byServer: ttl });
  const storeOf = (table: string) => createNatsStore({ bucket, parts, sweeper, now, table, inline });
  const files = createObjectFiles(openBucket(link, { name: names.objects, direct, ttl }), inline);
  const objects = createStoreObjects({
    store: storeOf('object'),
    files,
    createHash,
    now,
    heads: (prefix) => liveHeads(bucket, { table: 'object', prefix, now }),
    async total() {
      const { messages, bytes } = await bucket.total();
      return { messages, bytes: bytes + (await parts.bytes()) };
    },
  });
  sweeper.also(objects);
  const presence = createPresence(link, now);
  const queue = createNatsQueue({
    bucket,
    parts,
    sweeper,
    presence,
    inline,
    now,
    watch: (filter, seen) => watchHeads(link, { bucket: names.state, filter, seen }),
  });
  return {
    store: storeOf(REGISTRY),
    bindings: storeOf('binding'),
    objects,
    queue,
    blobs: createStoreBlobs(storeOf('blob')),
    sweeper,
    ttl,
    watch: (changed) => watchKeys(link, { bucket: names.state, table: REGISTRY, changed }),
    stop() {
      sweeper.stop();
      queue.stop();
      presence.stop();
    },
  };
}
