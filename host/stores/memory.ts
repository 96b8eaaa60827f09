import type { Blobs } from './blobs.ts';
import { EXPIRED_AT_ONCE, type EntryChange, type TellingStore } from './changes.ts';
import { byBytes } from './order.ts';
import { createMemoryOutbox, type Note } from './outbox.ts';
import { excessOf, groupOf, QuotaExceeded, sizeOf, type Usage } from './quota.ts';
import type { Entry } from './store.ts';

/** Expired entries are taken away when there are this many, or twice as many as were left the last time. */
const SWEEP = 1_000;

/** Nothing that outlives the process: for `brink run` and for tests. */
interface Kept extends Entry {
  readonly expires: number;
  /** It is left for `expire`. */
  readonly kept: boolean;
}

export function createMemoryStore(now: () => number): TellingStore {
  const entries = new Map<string, Kept>();
  const outbox = createMemoryOutbox();
  const usages = new Map<string, Usage>();
  let revision = 0;
  let sweepAt = SWEEP;
  const current = (key: string) => {
    const entry = entries.get(key);
    return entry && entry.expires > now() ? entry : undefined;
  };
  const usageOf = (key: string) => {
    const group = groupOf(key);
    const usage = usages.get(group) ?? { keys: 0, bytes: 0 };
    usages.set(group, usage);
    return usage;
  };
  const remove = (key: string) => {
    const entry = entries.get(key);
    if (entry === undefined) return false;
    const usage = usageOf(key);
    usage.keys--;
    usage.bytes -= sizeOf(key, entry.value, entry.metadata);
    if (usage.keys === 0) usages.delete(groupOf(key));
    return entries.delete(key);
  };
  const sweep = () => {
    for (const [each, { expires, kept }] of entries) if (expires <= now() && !kept) remove(each);
    sweepAt = Math.max(SWEEP, entries.size * 2);
  };
  const expireKept = (prefix: string, note: Note<EntryChange> | undefined) => {
    const kept = [...entries].filter(([key, entry]) => entry.kept && key.startsWith(prefix));
    const due = kept
      .filter(([, { expires }]) => expires <= now())
      .toSorted(([, a], [, b]) => a.expires - b.expires || a.revision - b.revision);
    for (const [key, before] of due.slice(0, EXPIRED_AT_ONCE)) {
      if (note !== undefined) outbox.post(note({ key, cause: 'expire', revision: ++revision, value: null, before }));
      remove(key);
    }
    const left = kept.filter(([key, entry]) => entries.get(key) === entry).map(([, { expires }]) => expires);
    return left.length === 0 ? null : Math.min(...left);
  };
  return {
    outbox: { ...outbox, expire: async (prefix, note) => expireKept(prefix, note) },
    async get(key) {
      const entry = current(key);
      if (!entry) return null;
      const { value, revision: written, metadata } = entry;
      return { value: new Uint8Array(value), revision: written, ...(metadata !== undefined && { metadata }) };
    },
    async put(key, value, { ifRevision, ttl = Infinity, metadata, quota, note, keepExpired = false } = {}) {
      if (ifRevision !== undefined && (current(key)?.revision ?? 0) !== ifRevision) return null;
      const bytes = sizeOf(key, value, metadata);
      const excess = () => {
        const old = entries.get(key);
        const added = { keys: old ? 0 : 1, bytes: bytes - (old ? sizeOf(key, old.value, old.metadata) : 0) };
        return quota === undefined ? null : excessOf(usageOf(key), added, quota);
      };
      if (excess() !== null) {
        sweep();
        if (note !== undefined) expireKept(groupOf(key), note);
      }
      const what = excess();
      if (what !== null) throw new QuotaExceeded(what, quota![what]);
      const old = entries.get(key);
      const kept = metadata === undefined ? {} : { metadata };
      if (note !== undefined) {
        // What is too much is thrown before anything has changed.
        const lapsed = old !== undefined && old.kept && current(key) === undefined;
        const first = lapsed ? note({ key, cause: 'expire', revision: ++revision, value: null, before: old }) : [];
        outbox.post([...first, ...note({ key, cause: 'put', revision: revision + 1, value, ...kept, before: current(key) ?? null })]);
      }
      remove(key);
      const usage = usageOf(key);
      usage.keys++;
      usage.bytes += bytes;
      const expires = now() + ttl;
      entries.set(key, { value: new Uint8Array(value), revision: ++revision, expires, kept: keepExpired && ttl !== Infinity, ...kept });
      if (entries.size >= sweepAt) sweep();
      return revision;
    },
    async delete(key, { ifRevision, note } = {}) {
      const entry = current(key);
      if (!entry || (ifRevision !== undefined && entry.revision !== ifRevision)) return false;
      if (note !== undefined) outbox.post(note({ key, cause: 'delete', revision: ++revision, value: null, before: entry }));
      return remove(key);
    },
    async list({ prefix, limit = 1_000, cursor = '', withMetadata = false }) {
      const keys = [...entries.keys()].filter((key) => key.startsWith(prefix) && current(key)).toSorted(byBytes);
      const rest = keys.filter((key) => byBytes(key, cursor) > 0);
      const page = rest.slice(0, limit);
      return {
        keys: page,
        ...(rest.length > limit && { cursor: page.at(-1)! }),
        ...(withMetadata && { metadata: new Map(page.flatMap((key) => metadataOf(key, entries.get(key)))) }),
      };
    },
  };
}

function metadataOf(key: string, entry: Entry | undefined): [string, string][] {
  return entry?.metadata === undefined ? [] : [[key, entry.metadata]];
}

export function createMemoryBlobs(): Blobs {
  const blobs = new Map<string, Uint8Array<ArrayBuffer>>();
  return {
    get: async (key) => blobs.get(key)?.slice() ?? null,
    put: async (key, bytes) => void blobs.set(key, new Uint8Array(bytes)),
    delete: async (key) => blobs.delete(key),
    list: async (prefix) => [...blobs.keys()].filter((key) => key.startsWith(prefix)).toSorted(byBytes),
  };
}
