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

/** What a version says of its artifact, and what its function says of secrets. */
export type Described = Omit<LoadedVersion, 'function' | 'secrets' | 'secretsRevision'>;

/** Artifacts by their keys, each beside its manifest, which is read without it. */
export class Artifacts {
  readonly #blobs: Blobs;
  readonly #manifests: Records<Manifest>;

  constructor(blobs: Blobs, store: Store) {
    this.#blobs = blobs;
    this.#manifests = recordsIn(store);
  }

  async put(key: string, bytes: Uint8Array<ArrayBuffer>, manifest: Manifest): Promise<void> {
    await this.#blobs.put(ARTIFACT + key, bytes);
    await this.#manifests.update(MANIFEST + key, () => manifest);
  }

  async get(name: string, version: VersionEntry): Promise<Artifact> {
    const bytes = await this.#blobs.get(ARTIFACT + version.artifact);
    if (bytes === null) throw lost(name, version.number);
    return decodeArtifact(bytes);
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
    await this.#manifests.delete(MANIFEST + key, () => {});
  }

  /** Of both, with what stands before them. */
  async keys(): Promise<string[]> {
    return [...(await this.#blobs.list(ARTIFACT)), ...(await this.#manifests.keys(MANIFEST))];
  }
}
