import { encodeArtifact } from '../../host/registry/artifact.ts';
import { parseManifest } from '../../host/registry/parse-manifest.ts';

/** Each text gives another digest, and another route. */
export function artifactBytes(name: string, text: string, size: number): Uint8Array<ArrayBuffer> {
  return encodeArtifact({
    manifest: parseManifest({ name, routes: [`${name}.test/${text}`] }),
    mainModule: 'main.js',
    modules: {
      'main.js': { type: 'js', bytes: new TextEncoder().encode('export default { fetch: () => new Response() };') },
      'data.bin': { type: 'data', bytes: new Uint8Array(size).fill(text.length) },
    },
  });
}
