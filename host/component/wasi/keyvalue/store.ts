import { blocking, type HostInterface } from '../../host.ts';
import type { Factory } from '../settings.ts';
import { attempt, Bucket, bytesOf, openBucket, other } from './bucket.ts';

const bucket: HostInterface = {
  '[method]bucket.get': blocking((store: Bucket, key: string) => attempt(() => bytesOf(store, key))),
  '[method]bucket.set': blocking((store: Bucket, key: string, value: Uint8Array) =>
    attempt(async () => void (await store.binding.put(key, value))),
  ),
  '[method]bucket.delete': blocking((store: Bucket, key: string) => attempt(() => store.binding.delete(key))),
  '[method]bucket.exists': blocking((store: Bucket, key: string) => attempt(async () => (await bytesOf(store, key)) !== undefined)),
};

/** wasi:keyvalue/store@0.2.0-draft2. */
export const store: Factory = (world) => ({
  ...bucket,
  open: (name: string) => openBucket(world, name),
  '[method]bucket.list-keys': blocking((from: Bucket, cursor: string | undefined) => attempt(() => page(from, cursor))),
});

/** wasi:keyvalue/store@0.2.0-draft, whose cursors are numbers. */
export const storeOfDraft1: Factory = (world) => ({
  ...bucket,
  open: (name: string) => openBucket(world, name),
  '[method]bucket.list-keys': blocking(async (from: Bucket, cursor: bigint | undefined) => {
    const start = cursor === undefined ? undefined : from.cursors[Number(cursor)];
    if (cursor !== undefined && start === undefined) return other('There is no such cursor.');
    return attempt(async () => {
      const { keys, cursor: next } = await page(from, start);
      return { keys, cursor: next === undefined ? undefined : BigInt(from.cursors.push(next) - 1) };
    });
  }),
});

async function page({ binding }: Bucket, cursor: string | undefined): Promise<{ keys: string[]; cursor: string | undefined }> {
  const found = await binding.list(cursor === undefined ? {} : { cursor });
  return { keys: found.keys.map(({ name }) => name), cursor: found.list_complete ? undefined : found.cursor };
}
