import { expect } from 'vitest';
import type { Code } from '../../host/errors.ts';
import { encodeArtifact } from '../../host/registry/artifact.ts';
import { parseManifest } from '../../host/registry/parse-manifest.ts';
import { Registry } from '../../host/registry/registry.ts';
import type { Blobs } from '../../host/stores/blobs.ts';
import type { Store } from '../../host/stores/store.ts';

export interface OpenedStores {
  readonly store: Store;
  readonly blobs: Blobs;
  close(): void | Promise<void>;
}

/** A publish whose artifact has a `fetch` handler; none is loaded. */
export const FETCH = { probe: async () => ['fetch'] as const };

export const NOW = 1_700_000_000_000;

export function registryOn({ store, blobs }: OpenedStores): Registry {
  return new Registry({ store, blobs, now: () => NOW });
}

/** The bytes of an artifact that differs from another by its `text`. */
export function artifactOf(
  name: string,
  text: string,
  manifest: Record<string, unknown> = {},
  mainModule = 'main.js',
): Uint8Array<ArrayBuffer> {
  const source = `export default { fetch: () => new Response(${JSON.stringify(text)}) };`;
  return encodeArtifact({
    manifest: parseManifest({ name, ...manifest }),
    mainModule,
    modules: { [mainModule]: { type: 'js', bytes: new TextEncoder().encode(source) } },
  });
}

/** Matches an error by its code and some of its details. */
export function coded(code: Code, details?: object): Error {
  return expect.objectContaining({ code, ...(details && { details: expect.objectContaining(details) as object }) }) as Error;
}

/** Every key with its value, of both stores. */
export async function contents({ store, blobs }: OpenedStores): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  for (const key of (await store.list({ prefix: '' })).keys) all[`store ${key}`] = hex((await store.get(key))!.value);
  for (const key of await blobs.list('')) all[`blob ${key}`] = hex((await blobs.get(key))!);
  return all;
}
