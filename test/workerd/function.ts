import { encodeArtifact, type Artifact, type Module } from '../../host/registry/artifact.ts';
import { parseManifest } from '../../host/registry/parse-manifest.ts';

/** An artifact of one js module, and of what else is given. */
export function artifactOf(
  name: string,
  source: string,
  manifest: Record<string, unknown> = {},
  more: Record<string, Module> = {},
): Artifact {
  return {
    manifest: parseManifest({ name, compatibility_date: '2026-01-01', ...manifest }),
    mainModule: 'main.js',
    modules: { 'main.js': { type: 'js', bytes: new TextEncoder().encode(source) }, ...more },
  };
}

export function encodedOf(...args: Parameters<typeof artifactOf>): Uint8Array<ArrayBuffer> {
  return encodeArtifact(artifactOf(...args));
}

/** What `look` finds, asked again until it finds something. */
export async function eventually<Found>(look: () => Found | undefined | Promise<Found | undefined>): Promise<Found> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
