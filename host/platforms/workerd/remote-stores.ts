import { BrinkError } from '../../errors.ts';
import type { Blobs } from '../../stores/blobs.ts';
import type { Store } from '../../stores/store.ts';
import { collect } from './collect.ts';
import type { StateStub } from './state.ts';

/** The state object's store, by calls to it. A stub belongs to the request that it was made in, so each call makes one. */
export function createRemoteStore(state: () => StateStub): Store {
  return {
    get: (key) => reach('read', () => state().get(key)),
    put: (key, value, options) => reach('written', () => state().put(key, value, options)),
    delete: (key, options) => reach('written', () => state().remove(key, options)),
    list: (options) => reach('read', () => state().list(options)),
  };
}

export function createRemoteBlobs(state: () => StateStub): Blobs {
  return {
    get: (key) =>
      reach('read', async () => {
        const blob = await state().getBlob(key);
        return blob && (await collect(blob.stream, blob.size));
      }),
    put: (key, bytes) => reach('written', () => state().putBlob(key, { size: bytes.byteLength, stream: streamOf(bytes) })),
    delete: (key) => reach('written', () => state().removeBlob(key)),
    list: (prefix) => reach('read', () => state().listBlobs(prefix)),
  };
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
}

async function reach<Result>(what: 'read' | 'written', call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (cause) {
    throw new BrinkError('store-unavailable', `The host's state cannot be ${what} now. Try again in a moment.`, { cause });
  }
}
