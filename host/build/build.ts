import { ARTIFACT_MAX_BYTES, digestOf, encodeArtifact, tooLarge, type Artifact } from '../registry/artifact.ts';
import { createBundler } from './bundle.ts';
import { MAIN_MODULE, type Bundler } from './bundler.ts';
import type { Config } from './config.ts';
import { openApiFiles, openApiModules } from './openapi.ts';
import { policyFiles, policyModules } from './policies.ts';

export interface Built {
  readonly artifact: Artifact;
  /** The artifact's canonical form. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly digest: string;
  readonly warnings: readonly string[];
  /** Absolute paths of the source files. */
  readonly inputs: readonly string[];
}

/**
 * Makes an artifact of a function's sources. The same sources make the same bytes, wherever they lie.
 *
 * @throws {BrinkError} `build-failed` with file, line, column and frame; `artifact-too-large`
 */
export async function buildFunction(config: Config): Promise<Built> {
  const bundler = await createBundler(config);
  try {
    return await buildWith(bundler, config);
  } finally {
    await bundler.dispose();
  }
}

export async function buildWith(bundler: Bundler, config: Config): Promise<Built> {
  const { modules: own, warnings, flags } = await bundler.bundle();
  const described = await openApiModules(config);
  const modules = { ...own, ...(await policyModules(config)), ...described.modules };
  const manifest = { ...config.manifest, compatibility_flags: [...config.manifest.compatibility_flags, ...flags] };
  const artifact: Artifact = { manifest, mainModule: MAIN_MODULE, modules };
  const bytes = encodeArtifact(artifact);
  if (bytes.byteLength > ARTIFACT_MAX_BYTES) throw tooLarge(bytes.byteLength);
  return {
    artifact,
    bytes,
    digest: await digestOf(bytes),
    warnings: [...config.warnings, ...warnings, ...described.warnings],
    inputs: [...bundler.inputs(), ...policyFiles(config), ...openApiFiles(config), ...config.pages],
  };
}
