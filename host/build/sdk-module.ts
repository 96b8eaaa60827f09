import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

const OWN = Symbol('own');

/**
 * `brink/sdk`, as a function imports it: that of the project, where `brink` is among its packages, and else the one which
 * this builder comes with.
 */
export function sdkModule(): Plugin {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const path = fileURLToPath(new URL(`../../sdk/index.${extension}`, import.meta.url));
  // A clone finds itself by its name, but what it was built to may be old.
  const built = fileURLToPath(new URL('../../dist/sdk/index.js', import.meta.url));
  return {
    name: 'sdk',
    setup(build) {
      build.onResolve({ filter: /^brink\/sdk$/ }, async ({ path: specifier, kind, importer, resolveDir, pluginData }) => {
        if (pluginData === OWN) return undefined;
        const found = await build.resolve(specifier, { kind, importer, resolveDir, pluginData: OWN });
        return found.errors.length === 0 && found.path !== built ? found : { path, sideEffects: false };
      });
    },
  };
}
