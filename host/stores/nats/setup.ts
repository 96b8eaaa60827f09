import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import { BrinkError } from '../../errors.ts';
import { streamOf } from './bucket.ts';
import { unavailable, type Link } from './link.ts';

export interface Buckets {
  readonly names: BucketNames;
  /** See `BucketOptions`. */
  readonly direct: boolean;
  readonly ttl: boolean;
  /** Bytes of a value that go into one message. */
  readonly inline: number;
}

export interface BucketNames {
  /** Everything by key: registry, artifacts, what functions keep in bindings. */
  readonly state: string;
  /** Parts of values that are too large for a message. */
  readonly parts: string;
  /** Bytes of objects that are too large for a message. */
  readonly objects: string;
}

/** What a server needs: reads of a subject's last message, and comparing of its sequence. */
export const LEAST_VERSION = '2.9.0';
/**
 * From here on servers that share a stream compare sequences rightly. Those before 2.9.21 take several writes that expect the
 * same: of 3,170 increments of a test on three servers of 2.9.10, 1,513 were left. https://github.com/nats-io/nats-server/issues/4320
 */
export const REPLICAS_VERSION = '2.10.0';
/** From here on a message can have a time to live. */
export const TTL_VERSION = '2.11.0';
const MOST_INLINE = 512 * 1024;
/** Of a message, for its headers: metadata may have 4 KiB, and more as JSON. */
const FOR_HEADERS = 32 * 1024;
export const LEAST_PAYLOAD = 2 * FOR_HEADERS;

export function bucketNames(prefix: string): BucketNames {
  return { state: `${prefix}_state`, parts: `${prefix}_parts`, objects: `${prefix}_objects` };
}

/**
 * Opens the buckets, which the first host makes, after a look at what the server can do.
 *
 * @throws {BrinkError} `store-unavailable`
 */
export async function createBuckets(link: Link, { prefix, replicas }: { prefix: string; replicas?: number | undefined }): Promise<Buckets> {
  await checkServer(link);
  const names = bucketNames(prefix);
  const ttl = isAtLeast(versionOf(link), TTL_VERSION);
  const configs = [];
  for (const name of [names.state, names.parts, names.objects]) configs.push(await ensure(link, name, { replicas, ttl }));
  return {
    names,
    direct: configs.every((config) => config.num_replicas === 1 && config.allow_direct),
    ttl: configs.every((config) => config.allow_msg_ttl === true),
    inline: Math.min(MOST_INLINE, payloadOf(link) - FOR_HEADERS),
  };
}

export interface Inspected {
  readonly version: string;
  readonly buckets: readonly string[];
  /** Of the buckets as they are; null where they are not there. */
  readonly replicas: number | null;
}

/** The same look, without making or changing anything. @throws {BrinkError} `store-unavailable` */
export async function inspectServer(link: Link, prefix: string): Promise<Inspected> {
  await checkServer(link);
  const buckets = Object.values(bucketNames(prefix)) as string[];
  const infos = await Promise.all(
    buckets.map((bucket) => link.call<StreamInfo | null>(() => link.jsm.streams.info(streamOf(bucket)), nullIfMissing)),
  );
  const replicas = infos.flatMap((info) => (info === null ? [] : [info.config.num_replicas]));
  return { version: versionOf(link), buckets, replicas: replicas.length === 0 ? null : Math.min(...replicas) };
}

async function checkServer(link: Link): Promise<void> {
  const version = versionOf(link);
  if (!isAtLeast(version, LEAST_VERSION)) {
    throw refused(`The NATS server is ${version}, and ${LEAST_VERSION} is the oldest that has what is needed. Upgrade it.`);
  }
  if (payloadOf(link) < LEAST_PAYLOAD) {
    throw refused(`The NATS server takes messages of ${payloadOf(link)} bytes. Set its \`max_payload\` to ${LEAST_PAYLOAD} or more.`);
  }
  try {
    await link.jsm.getAccountInfo();
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name !== 'JetStreamNotEnabled') throw unavailable(cause);
    throw refused(
      'The NATS server has no JetStream for this account. Start it with `nats-server --jetstream --store_dir DIR`, or allow it in the account.',
      cause,
    );
  }
}

async function ensure(
  link: Link,
  bucket: string,
  { replicas, ttl }: { replicas: number | undefined; ttl: boolean },
): Promise<StreamConfig> {
  const { jsm } = link;
  const stream = streamOf(bucket);
  try {
    const info = await link.call<StreamInfo | null>(() => jsm.streams.info(stream), nullIfMissing);
    if (info === null) {
      checkReplicas(link, replicas ?? 1);
      return (await jsm.streams.add(configOf(bucket, { replicas: replicas ?? 1, ttl }))).config;
    }
    const { config } = info;
    if (config.max_msgs_per_subject !== 1 || config.subjects?.[0] !== `$KV.${bucket}.>`) {
      throw refused(`The bucket ${bucket} in NATS is not one of Brink's. Choose other names with \`--nats-prefix\`.`);
    }
    const wanted = replicas ?? config.num_replicas;
    checkReplicas(link, wanted);
    const upToDate = config.num_replicas === wanted && config.allow_direct === (wanted === 1) && (config.allow_msg_ttl ?? false) === ttl;
    // An older server of a cluster cannot take back what a newer one has set.
    if (upToDate || (config.allow_msg_ttl && !ttl)) return config;
    return (await jsm.streams.update(stream, { ...config, ...changing({ replicas: wanted, ttl }) })).config;
  } catch (cause) {
    if (cause instanceof BrinkError) throw cause;
    throw new BrinkError('store-unavailable', `The bucket ${bucket} in NATS cannot be opened or made: ${reasonOf(cause, replicas)}`, {
      cause,
    });
  }
}

function checkReplicas(link: Link, replicas: number): void {
  const version = versionOf(link);
  if (replicas === 1 || isAtLeast(version, REPLICAS_VERSION)) return;
  throw refused(
    `The NATS server is ${version}, which loses writes where a bucket lies on several servers. Upgrade each to ${REPLICAS_VERSION} or newer, or keep to one with \`--nats-replicas 1\`.`,
  );
}

function configOf(bucket: string, how: { replicas: number; ttl: boolean }): Partial<StreamConfig> & { name: string } {
  return {
    name: streamOf(bucket),
    subjects: [`$KV.${bucket}.>`],
    description: 'The state of Brink hosts',
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    max_msgs_per_subject: 1,
    allow_rollup_hdrs: true,
    deny_delete: false,
    deny_purge: false,
    ...changing(how),
  };
}

/** A read by any of several servers may miss what was written a moment ago, so all go to the first of them. */
function changing({ replicas, ttl }: { replicas: number; ttl: boolean }): Partial<StreamConfig> {
  return { num_replicas: replicas, allow_direct: replicas === 1, ...(ttl && { allow_msg_ttl: true }) };
}

function nullIfMissing(error: unknown): null | undefined {
  return error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound ? null : undefined;
}

function reasonOf(cause: unknown, replicas: number | undefined): string {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return replicas !== undefined && replicas > 1
    ? `${reason}. ${replicas} replicas need a cluster of as many servers with JetStream.`
    : `${reason}. See that its account may make streams, and has room for them.`;
}

function payloadOf({ connection }: Link): number {
  return connection.info?.max_payload ?? 0;
}

function versionOf({ connection }: Link): string {
  return connection.info?.version ?? '0';
}

export function isAtLeast(version: string, least: string): boolean {
  const [is, wanted] = [version, least].map((text) => text.split(/[.-]/, 3).map(Number));
  const differs = wanted!.findIndex((part, index) => part !== is![index]);
  return differs === -1 || is![differs]! > wanted![differs]!;
}

function refused(message: string, cause?: unknown): BrinkError {
  return new BrinkError('store-unavailable', message, { cause });
}
