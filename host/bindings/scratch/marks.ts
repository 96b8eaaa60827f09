import type { Store } from '../../stores/store.ts';

/** The names that a shadow has written or removed itself: what really lies there is not its own any more. */
export interface Marks {
  has(name: string): Promise<boolean>;
  add(name: string): Promise<void>;
  /** A page of those that begin with `prefix` and come behind `after`. */
  list(options: { prefix: string; after: string | undefined; limit: number }): Promise<{ names: readonly string[]; more: boolean }>;
}

/** Their keys, before the place that they are of. */
export const MARKS = 'marks/';

const NOTHING = new Uint8Array();

export function marksIn(store: Store, place: string): Marks {
  const own = `${MARKS}${encodeURIComponent(place)}/`;
  return {
    has: async (name) => (await store.get(own + name)) !== null,
    add: async (name) => void (await store.put(own + name, NOTHING, { ifRevision: 0 })),
    async list({ prefix, after, limit }) {
      const page = await store.list({ prefix: own + prefix, limit, ...(after !== undefined && { cursor: own + after }) });
      return { names: page.keys.map((key) => key.slice(own.length)), more: page.cursor !== undefined };
    },
  };
}
