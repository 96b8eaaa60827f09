import type { Blobs } from './blobs.ts';
import { byBytes } from './order.ts';
import { excessOf, groupOf, QuotaExceeded, sizeOf, type Usage } from './quota.ts';
import type { Entry, Store } from './store.ts';

/** Expired entries are taken away when there are this many, or twice as many as were left the last time. */
const SWEEP = 1_000;

/** Nothing that outlives the process: for `brink run` and for tests. */
export function createMemoryStore(now: () => number): Store {
  const entries = new Map<string, Entry & { expires: number }>();
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
    for (const [each, { expires }] of entries) if (expires <= now()) remove(each);
    sweepAt = Math.max(SWEEP, entries.size * 2);
  };
  return {
    async get(key) {
      const entry = current(key);
      if (!entry) return null;
      const { value, revision: written, metadata } = entry;
      return { value: new Uint8Array(value), revision: written, ...(metadata !== undefined && { metadata }) };
    },
    async put(key, value, { ifRevision, ttl = Infinity, metadata, quota } = {}) {
      if (ifRevision !== undefined && (current(key)?.revision ?? 0) !== ifRevision) return null;
      const bytes = sizeOf(key, value, metadata);
      const excess = () => {
        const old = entries.get(key);
        const added = { keys: old ? 0 : 1, bytes: bytes - (old ? sizeOf(key, old.value, old.metadata) : 0) };
        return quota === undefined ? null : excessOf(usageOf(key), added, quota);
      };
      if (excess() !== null) sweep();
      const what = excess();
      if (what !== null) throw new QuotaExceeded(what, quota![what]);
      remove(key);
      const usage = usageOf(key);
      usage.keys++;
      usage.bytes += bytes;
      const expires = now() + ttl;
      entries.set(key, { value: new Uint8Array(value), revision: ++revision, expires, ...(metadata !== undefined && { metadata }) });
      if (entries.size >= sweepAt) sweep();
      return revision;
    },
    async delete(key, { ifRevision } = {}) {
      const entry = current(key);
      if (!entry || (ifRevision !== undefined && entry.revision !== ifRevision)) return false;
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
