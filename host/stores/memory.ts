import type { Blobs } from './blobs.ts';
import { byBytes } from './order.ts';
import type { Entry, Store } from './store.ts';

/** Expired entries are taken away when there are this many, or twice as many as were left the last time. */
const SWEEP = 1_000;

/** Nothing that outlives the process: for `brink run` and for tests. */
export function createMemoryStore(now: () => number): Store {
  const entries = new Map<string, Entry & { expires: number }>();
  let revision = 0;
  let sweepAt = SWEEP;
  const current = (key: string) => {
    const entry = entries.get(key);
    return entry && entry.expires > now() ? entry : undefined;
  };
  return {
    async get(key) {
      const entry = current(key);
      if (!entry) return null;
      const { value, revision: written, metadata } = entry;
      return { value: new Uint8Array(value), revision: written, ...(metadata !== undefined && { metadata }) };
    },
    async put(key, value, { ifRevision, ttl = Infinity, metadata } = {}) {
      if (ifRevision !== undefined && (current(key)?.revision ?? 0) !== ifRevision) return null;
      const expires = now() + ttl;
      entries.set(key, { value: new Uint8Array(value), revision: ++revision, expires, ...(metadata !== undefined && { metadata }) });
      if (entries.size >= sweepAt) {
        for (const [each, { expires }] of entries) if (expires <= now()) entries.delete(each);
        sweepAt = Math.max(SWEEP, entries.size * 2);
      }
      return revision;
    },
    async delete(key, { ifRevision } = {}) {
      const entry = current(key);
      if (!entry || (ifRevision !== undefined && entry.revision !== ifRevision)) return false;
      return entries.delete(key);
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
