import { blocking, type HostInterface } from '../../host.ts';
import type { Factory } from '../settings.ts';
import { attempt, bytesOf, type Bucket } from './bucket.ts';

/** Operations of one call that are under way at once. */
const AT_ONCE = 16;

const functions: HostInterface = {
  'get-many': blocking((bucket: Bucket, keys: readonly string[]) =>
    attempt(() =>
      each(keys, async (key) => {
        const value = await bytesOf(bucket, key);
        return value === undefined ? undefined : ([key, value] as const);
      }),
    ),
  ),
  'set-many': blocking((bucket: Bucket, entries: readonly (readonly [string, Uint8Array])[]) =>
    attempt(async () => {
      await each(entries, ([key, value]) => bucket.binding.put(key, value));
    }),
  ),
  'delete-many': blocking((bucket: Bucket, keys: readonly string[]) =>
    attempt(async () => {
      await each(keys, (key) => bucket.binding.delete(key));
    }),
  ),
};

export const batch: Factory = () => functions;

async function each<T, R>(items: readonly T[], operation: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE) results.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(operation))));
  return results;
}
