import type { Quota } from '../../stores/quota.ts';
import type { PutOptions, Store } from '../../stores/store.ts';
import { checkFence } from '../fence.ts';
import { besideOf, textOf, valued } from './entry.ts';

export interface Write {
  readonly key: string;
  readonly value: Uint8Array;
  /** As the caller sees revisions: 0 where there is no value. */
  readonly ifRevision: number | undefined;
  readonly ttl?: number;
  readonly metadata?: string;
  readonly quota?: Quota;
  readonly note?: PutOptions['note'];
  readonly keepExpired?: boolean;
}

/**
 * How long a key remembers the fence that it was deleted with, in ms: a day, and no lease lasts longer than ten minutes
 * beyond its last renewal.
 */
export const REMEMBERED = 86_400_000;

/** The revision, or null where the key has not that of `ifRevision`. */
export async function plainPut(store: Store, write: Write): Promise<number | null> {
  const { key, value, ifRevision } = write;
  const revision = await store.put(key, value, { ...optionsOf(write), ...(ifRevision !== undefined && { ifRevision }) });
  if (revision !== null || ifRevision !== 0) return revision;
  // What is only remembered has a revision, and no value.
  const entry = await store.get(key);
  if (entry === null || valued(entry) !== null) return null;
  return store.put(key, value, { ...optionsOf(write), ifRevision: entry.revision });
}

/** As `plainPut`, where no greater fence has written. @throws {BindingError} `fenced` */
export async function fencedPut(store: Store, { fence, ...write }: Write & { readonly fence: number }): Promise<number | null> {
  for (;;) {
    const entry = await store.get(write.key);
    checkFence(besideOf(entry?.metadata).fence, fence);
    if (write.ifRevision !== undefined && (valued(entry)?.revision ?? 0) !== write.ifRevision) return null;
    const revision = await store.put(write.key, write.value, { ...optionsOf(write), ifRevision: entry?.revision ?? 0 });
    if (revision !== null) return revision;
  }
}

/** Takes the value away, and remembers the fence for some time. @throws {BindingError} `fenced` */
export async function fencedDelete(
  store: Store,
  { key, fence, note }: { readonly key: string; readonly fence: number; readonly note: PutOptions['note'] },
): Promise<void> {
  for (;;) {
    const entry = await store.get(key);
    checkFence(besideOf(entry?.metadata).fence, fence);
    const metadata = textOf({ fence, gone: true })!;
    const revision = await store.put(key, new Uint8Array(), {
      metadata,
      ttl: REMEMBERED,
      ifRevision: entry?.revision ?? 0,
      ...(note !== undefined && { note }),
    });
    if (revision !== null) return;
  }
}

function optionsOf({
  ttl,
  metadata,
  quota,
  note,
  keepExpired,
}: Write): Pick<PutOptions, 'ttl' | 'metadata' | 'quota' | 'note' | 'keepExpired'> {
  return {
    ...(note !== undefined && { note }),
    ...(keepExpired !== undefined && { keepExpired }),
    ...(ttl !== undefined && { ttl }),
    ...(metadata !== undefined && { metadata }),
    ...(quota !== undefined && { quota }),
  };
}
