import { readFileSync, statSync } from 'node:fs';
import type { Artifact } from '../registry/artifact.ts';
import { CliError } from './failure.ts';
import type { Output } from './output.ts';

/** What is to be published: an artifact in its canonical form. */
export interface Source {
  readonly name: string;
  readonly artifact: Artifact;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly digest: string;
}

export interface SourceOptions {
  /** Added to the function's own `vars`. */
  readonly vars?: Readonly<Record<string, string>>;
  /** The environment `[env.NAME]` of its config. */
  readonly env?: string;
  /** In place of the function's own `capabilities.outbound`. */
  readonly outbound?: readonly string[];
  /** For a host that has no secrets. */
  readonly secretsAsVars?: boolean;
}

/** A folder or a source file, built; or an artifact that `brink build` wrote, as it is. */
export async function readSource(place: string, output: Output, options: SourceOptions = {}): Promise<Source> {
  if (!statSync(place, { throwIfNoEntry: false }))
    throw new CliError('failed', `There is no ${place}. Name a function's folder, its main module, or an artifact.`);
  if (place.endsWith('.brink')) return readArtifact(place, output, options);
  const [{ readConfig }, { buildFunction }] = await Promise.all([import('../build/config.ts'), import('../build/build.ts')]);
  const config = await readConfig(place, options);
  const { artifact, bytes, digest, warnings } = await output.progress(`Building ${config.manifest.name}`, () => buildFunction(config));
  for (const warning of warnings) output.note(`warning: ${warning}`);
  return { name: artifact.manifest.name, artifact, bytes, digest };
}

async function readArtifact(file: string, output: Output, { vars, outbound, secretsAsVars = false }: SourceOptions): Promise<Source> {
  const [{ decodeArtifact, digestOf, encodeArtifact }, { parseManifest }, { withoutSecrets }] = await Promise.all([
    import('../registry/artifact.ts'),
    import('../registry/parse-manifest.ts'),
    import('../build/config.ts'),
  ]);
  const decoded = decodeArtifact(new Uint8Array(readFileSync(file)));
  const { manifest } = decoded;
  const changed = {
    ...manifest,
    vars: { ...manifest.vars, ...vars },
    ...(outbound && { capabilities: { ...manifest.capabilities, outbound } }),
  };
  const parsed = parseManifest(changed, file);
  const warn = (warning: string) => output.note(`warning: ${file}: ${warning}`);
  const artifact = { ...decoded, manifest: secretsAsVars ? withoutSecrets(parsed, warn) : parsed };
  const bytes = encodeArtifact(artifact);
  return { name: manifest.name, artifact, bytes, digest: await digestOf(bytes) };
}
