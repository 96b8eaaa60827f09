import type { Store } from './store.ts';

/** All keys that begin so, in their order: for prefixes that have no more of them than memory holds. */
export async function keysIn(store: Pick<Store, 'list'>, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.list({ prefix, ...(cursor !== undefined && { cursor }) });
    keys.push(...page.keys);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return keys;
}
