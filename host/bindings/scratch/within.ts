import type { PutOptions, Store } from '../../stores/store.ts';

/** The part of a store whose keys begin with `prefix`, as a store. */
export function storeWithin(store: Store, prefix: string): Store {
  const own = (key: string) => key.slice(prefix.length);
  return {
    get: (key) => store.get(prefix + key),
    put: (key, value, options) => store.put(prefix + key, value, options && plain(options)),
    delete: (key, options) =>
      store.delete(prefix + key, options?.ifRevision === undefined ? undefined : { ifRevision: options.ifRevision }),
    async list({ prefix: asked, cursor, ...options }) {
      const page = await store.list({ ...options, prefix: prefix + asked, ...(cursor !== undefined && { cursor: prefix + cursor }) });
      return {
        keys: page.keys.map(own),
        ...(page.cursor !== undefined && { cursor: own(page.cursor) }),
        ...(page.metadata && { metadata: new Map([...page.metadata].map(([key, text]) => [own(key), text])) }),
      };
    },
  };
}

/** Nobody is told of what is written here. */
function plain({ note: _note, keepExpired: _kept, ...options }: PutOptions): PutOptions {
  return options;
}
