import type { LoadedVersion } from '../dispatch/cell.ts';
import type { Blobs } from '../stores/blobs.ts';
import type { Store } from '../stores/store.ts';
import { decodeArtifact, type Artifact } from './artifact.ts';
import { namesInEnv, type Manifest } from './manifest.ts';
import type { FunctionRecord, VersionEntry } from './record.ts';
import { lost } from './refusals.ts';
import { recordsIn, type Records } from './records.ts';

const ARTIFACT = 'artifact/';
const MANIFEST = 'manifest/';
const OPENAPI = 'openapi/';

/** What a version says of its artifact, and what its function says of secrets. */
export type Described = Omit<LoadedVersion, 'function' | 'secrets' | 'secretsRevision'>;

/** What is written of an artifact. */
export interface Kept {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly manifest: Manifest;
  /** Its OpenAPI document; null where it has none. */
  readonly openapi: Uint8Array<ArrayBuffer> | null;
}

/** Artifacts by their keys, each beside its manifest and its OpenAPI document, which are read without it. */
export class Artifacts {
  readonly #blobs: Blobs;
  readonly #manifests: Records<Manifest>;

  constructor(blobs: Blobs, store: Store) {
    this.#blobs = blobs;
    this.#manifests = recordsIn(store);
  }

  async put(key: string, { bytes, manifest, openapi }: Kept): Promise<void> {
    if (openapi !== null) await this.#blobs.put(OPENAPI + key, openapi);
    await this.#blobs.put(ARTIFACT + key, bytes);
    await this.#manifests.update(MANIFEST + key, () => manifest);
  }

  async get(name: string, version: VersionEntry): Promise<Artifact> {
    const bytes = await this.#blobs.get(ARTIFACT + version.artifact);
    if (bytes === null) throw lost(name, version.number);
    return decodeArtifact(bytes);
  }

  /** null where it has none. */
  openapi({ artifact }: Pick<VersionEntry, 'artifact'>): Promise<Uint8Array | null> {
    return this.#blobs.get(OPENAPI + artifact);
  }

  /** The manifest is read now, the rest when a cell is made. */
  async describe({ name }: FunctionRecord, version: VersionEntry): Promise<Described> {
    const { artifact, number, digest } = version;
    const manifest = await this.#manifests.get(MANIFEST + artifact);
    if (manifest === null) throw lost(name, number);
    return { artifact, number, digest, manifest, load: () => this.get(name, version) };
  }

  /** Names in `env` that a version has beside secrets. */
  async namesIn({ artifact }: VersionEntry): Promise<ReturnType<typeof namesInEnv>> {
    return namesInEnv(await this.#manifests.get(MANIFEST + artifact));
  }

  async remove(key: string): Promise<void> {
    await this.#blobs.delete(ARTIFACT + key);
    await this.#blobs.delete(OPENAPI + key);
    await this.#manifests.delete(MANIFEST + key, () => {});
  }

  /** Of all three, with what stands before them. */
  async keys(): Promise<string[]> {
    return [...(await this.#blobs.list(ARTIFACT)), ...(await this.#blobs.list(OPENAPI)), ...(await this.#manifests.keys(MANIFEST))];
  }
}
