import { byBytes } from '../order.ts';
import { groupOf, QuotaExceeded, sizeOf } from '../quota.ts';
import type { PutOptions, Store } from '../store.ts';
import type { Bucket, Heading, Message } from './bucket.ts';
import type { Kept } from './counted.ts';
import { isLive, type Head } from './head.ts';
import { Known } from './known.ts';
import type { PartStore } from './parts.ts';
import { Quotas, type Claim } from './quotas.ts';
import { filterOf, keyOf, subjectOf } from './subject.ts';
import { KEPT, type Sweeper } from './sweeper.ts';
import { unavailable } from './link.ts';

export interface NatsStoreOptions {
  readonly bucket: Bucket;
  readonly parts: PartStore;
  readonly sweeper: Sweeper;
  readonly now: () => number;
  /** Of all its subjects; stores of one bucket share their revisions, and nothing else. */
  readonly table: string;
  /** Values of more bytes go into parts. */
  readonly inline: number;
}

const PAGE = 1_000;
const EMPTY = new Uint8Array();
const DELETED: Head = { deleted: true };
/** What is remembered of a mark: no revision that an entry could have. */
const GONE: Head = { expires: 0 };

/**
 * A store in a bucket of NATS's KV: its revisions are the sequence numbers of the bucket's stream, and it is the server that
 * compares them. A deleted entry leaves a mark for those who watch, and an expired one is there until it is swept; neither is
 * an entry for who reads.
 */
export function createNatsStore({ bucket, parts, sweeper, now, table, inline }: NatsStoreOptions): Store {
  const known = new Known();
  const subject = (key: string) => `${table}.${subjectOf(key)}`;
  const live = (message: Message | null) => (message !== null && isLive(message.head, now()) ? message : null);

  async function read(key: string): Promise<Message | null> {
    const message = live(await bucket.get(subject(key)));
    if (message !== null) known.saw(subject(key), message);
    return message;
  }

  /** What the message of the key must be at for an entry of this revision to be replaced; null where it is another. */
  async function expectedOf(key: string, ifRevision: number): Promise<number | null> {
    if (ifRevision > 0) {
      const expires = known.expiryOf(ifRevision);
      if (expires !== undefined) return expires > now() ? ifRevision : null;
    }
    return lookedUp(key, ifRevision);
  }

  async function lookedUp(key: string, ifRevision: number): Promise<number | null> {
    const message = await bucket.get(subject(key));
    return (live(message)?.revision ?? 0) === ifRevision ? (message?.revision ?? 0) : null;
  }

  const quotas = new Quotas({
    now,
    async total() {
      const { messages, bytes } = await bucket.total();
      return { keys: messages, bytes: bytes + (await parts.bytes()) };
    },
    async entries(group) {
      const heads = await liveHeads(bucket, { table, prefix: group, now });
      return new Map([...heads].filter(([key]) => groupOf(key) === group).map(([key, heading]) => [key, keptOf(key, heading)]));
    },
  });

  /** Null where there is no room, and nothing would be written anyhow. @throws {QuotaExceeded} */
  async function claimed(claim: Claim, ifRevision: number | undefined): Promise<(() => void) | null> {
    try {
      return await quotas.claim(claim);
    } catch (error) {
      if (ifRevision === undefined || !(error instanceof QuotaExceeded)) throw error;
      if ((await lookedUp(claim.key, ifRevision)) === null) return null;
      throw error;
    }
  }

  interface Write {
    readonly value: Uint8Array;
    /** As the options of `put` have them. */
    readonly options: Omit<PutOptions, 'quota'>;
    readonly expected: number | undefined;
  }

  async function write(key: string, { value, options: { ifRevision, ttl, metadata }, expected }: Write): Promise<number | null> {
    const keep = ttl === undefined ? undefined : ttl + KEPT;
    const large = value.byteLength > inline ? await parts.write(value, keep) : undefined;
    const expires = ttl === undefined ? undefined : Math.ceil(now() + ttl);
    const head: Head = { expires, metadata, parts: large };
    for (let at: number | null | undefined = expected; ;) {
      const revision = await bucket.put(subject(key), large ? EMPTY : value, { head, expected: at, keep });
      if (revision !== null) {
        quotas.wrote({ group: groupOf(key), key }, keptOf(key, { head, revision, size: value.byteLength }));
        for (const id of known.wrote(subject(key), { revision, head })) sweeper.discard(id);
        if (expires === undefined) sweeper.never(subject(key));
        else sweeper.later(subject(key), { revision, at: expires + KEPT, parts: large?.id });
        return revision;
      }
      // A mark or an expired entry may be in the place of none; and a cluster refuses while another write is under way.
      at = await lookedUp(key, ifRevision!);
      if (at !== null) continue;
      if (large) sweeper.discard(large.id);
      return null;
    }
  }

  return {
    async get(key) {
      for (let before = 0; ;) {
        const message = await read(key);
        if (message === null) return null;
        const { head, revision } = message;
        const value = head.parts === undefined ? message.value : await parts.read(head.parts);
        if (value !== null) return { value, revision, ...(head.metadata !== undefined && { metadata: head.metadata }) };
        // It has been overwritten while its parts were read, unless it is still the same.
        if (revision === before) throw unavailable(new Error(`parts of the value of ${JSON.stringify(key)} are missing`));
        before = revision;
      }
    },

    async put(key, value, { quota, ...options } = {}) {
      const { ifRevision, metadata } = options;
      // Without a look at it first: there is seldom something in the place of what is new.
      const expected =
        ifRevision === undefined ? undefined : ifRevision === 0 ? known.markOf(subject(key)) : await expectedOf(key, ifRevision);
      if (expected === null) return null;
      if (quota === undefined) return write(key, { value, options, expected });
      const done = await claimed({ group: groupOf(key), key, bytes: sizeOf(key, value, metadata), quota }, ifRevision);
      if (done === null) return null;
      try {
        return await write(key, { value, options, expected });
      } catch (error) {
        quotas.doubt(groupOf(key));
        throw error;
      } finally {
        done();
      }
    },

    async delete(key, { ifRevision } = {}) {
      // Of a revision that is known to be alive no look is needed: where it is another by now, the server says so.
      let expected = ifRevision !== undefined && (known.expiryOf(ifRevision) ?? 0) > now() ? ifRevision : null;
      for (;;) {
        if (expected === null) {
          const message = await read(key);
          if (message === null || (ifRevision !== undefined && message.revision !== ifRevision)) return false;
          expected = message.revision;
        }
        const revision: number | null = await bucket.put(subject(key), EMPTY, { head: DELETED, expected, keep: KEPT });
        expected = null;
        if (revision === null) continue;
        quotas.wrote({ group: groupOf(key), key }, { bytes: null, revision, expires: Infinity });
        for (const id of known.wrote(subject(key), { revision, head: GONE })) sweeper.discard(id);
        known.marked(subject(key), revision);
        sweeper.later(subject(key), { revision, at: now() + KEPT });
        return true;
      }
    },

    async list({ prefix, limit = PAGE, cursor = '', withMetadata = false }) {
      const found = new Map<string, Head>();
      for (const [at, { head }] of await bucket.scan(`${table}.${filterOf(prefix)}`)) {
        const key = keyOf(at.slice(table.length + 1));
        if (key.startsWith(prefix) && isLive(head, now()) && byBytes(key, cursor) > 0) found.set(key, head);
      }
      const keys = [...found.keys()].toSorted(byBytes);
      const page = keys.slice(0, limit);
      return {
        keys: page,
        ...(keys.length > limit && { cursor: page.at(-1)! }),
        ...(withMetadata && { metadata: new Map(page.flatMap((key) => metadataOf(key, found.get(key)!))) }),
      };
    },
  };
}

/** The heads of entries that are there, of those whose keys begin so. */
export async function liveHeads(
  bucket: Bucket,
  { table, prefix, now }: { table: string; prefix: string; now: () => number },
): Promise<Map<string, Heading>> {
  const found = new Map<string, Heading>();
  for (const [at, heading] of await bucket.scan(`${table}.${filterOf(prefix)}`)) {
    const key = keyOf(at.slice(table.length + 1));
    if (key.startsWith(prefix) && isLive(heading.head, now())) found.set(key, heading);
  }
  return found;
}

/** What counts of an entry; its value is `size` bytes where it lies in no parts. */
function keptOf(key: string, { head, revision, size }: Pick<Heading, 'head' | 'revision' | 'size'>): Kept {
  const bytes = (head.parts?.size ?? size) + sizeOf(key, EMPTY, head.metadata);
  return { bytes, revision, expires: head.expires ?? Infinity };
}

function metadataOf(key: string, { metadata }: Head): [string, string][] {
  return metadata === undefined ? [] : [[key, metadata]];
}
