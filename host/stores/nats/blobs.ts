import type { Blobs } from '../blobs.ts';
import type { Store } from '../store.ts';

/** Blobs in a store whose values may be large: what it says of values holds for them. */
export function createStoreBlobs(store: Store): Blobs {
  return {
    get: async (key) => ((await store.get(key))?.value as Uint8Array<ArrayBuffer> | undefined) ?? null,
    put: async (key, bytes) => void (await store.put(key, bytes)),
    delete: (key) => store.delete(key),
    async list(prefix) {
      const { keys } = await store.list({ prefix, limit: Infinity });
      return keys;
    },
  };
}
