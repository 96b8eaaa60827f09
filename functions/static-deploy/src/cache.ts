import { objectOf, type Encoding, type Release } from './entry.ts';

/**
 * What the cache knows a representation by: its content, and not the name that leads to it. So a name that has moved is
 * never stale, on this host or another, and what is purged is gone for good: no entry leads there.
 */
export function cacheKey(name: string, hash: string, encoding: Encoding): string {
  return `https://cache.invalid/${encodeURIComponent(objectOf(name, hash, encoding))}`;
}

/** Takes them out of the cache. */
export async function purge(name: string, releases: readonly Release[]): Promise<void> {
  const keys = releases.flatMap(({ hash, encodings }) => encodings.map((encoding) => cacheKey(name, hash, encoding)));
  await Promise.all(keys.map((key) => caches.default.delete(key)));
}
