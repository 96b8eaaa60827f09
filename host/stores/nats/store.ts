import { byBytes } from '../order.ts';
import type { Store } from '../store.ts';
import type { Bucket, Message } from './bucket.ts';
import { isLive, type Head } from './head.ts';
import { Known } from './known.ts';
import type { PartStore } from './parts.ts';
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

    async put(key, value, { ifRevision, ttl, metadata } = {}) {
      // Without a look at it first: there is seldom something in the place of what is new.
      let expected = ifRevision === undefined || ifRevision === 0 ? ifRevision : await expectedOf(key, ifRevision);
      if (expected === null) return null;
      const keep = ttl === undefined ? undefined : ttl + KEPT;
      const large = value.byteLength > inline ? await parts.write(value, keep) : undefined;
      const expires = ttl === undefined ? undefined : Math.ceil(now() + ttl);
      const head: Head = { expires, metadata, parts: large };
      for (;;) {
        const revision = await bucket.put(subject(key), large ? EMPTY : value, { head, expected, keep });
        if (revision !== null) {
          for (const id of known.wrote(subject(key), { revision, head })) sweeper.discard(id);
          if (expires === undefined) sweeper.never(subject(key));
          else sweeper.later(subject(key), { revision, at: expires + KEPT, parts: large?.id });
          return revision;
        }
        // A mark or an expired entry may be in the place of none; and a cluster refuses while another write is under way.
        expected = await lookedUp(key, ifRevision!);
        if (expected !== null) continue;
        if (large) sweeper.discard(large.id);
        return null;
      }
    },

    async delete(key, { ifRevision } = {}) {
      for (;;) {
        const message = await read(key);
        if (message === null || (ifRevision !== undefined && message.revision !== ifRevision)) return false;
        const revision = await bucket.put(subject(key), EMPTY, { head: DELETED, expected: message.revision, keep: KEPT });
        if (revision === null) continue;
        for (const id of known.wrote(subject(key), { revision, head: GONE })) sweeper.discard(id);
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

function metadataOf(key: string, { metadata }: Head): [string, string][] {
  return metadata === undefined ? [] : [[key, metadata]];
}
