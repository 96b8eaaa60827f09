import { build, type Plugin } from 'esbuild';
import type { Settings } from '../../sdk/clouds/settings.ts';
import { BrinkError } from '../errors.ts';
import { CLOUD_RUNTIMES } from '../registry/artifact.ts';
import { CLOUD_PACKAGES } from './cloud-kind.ts';
import type { Cloud, HandlerKind } from './cloud-keys.ts';
import type { Config } from './config.ts';

const NAMESPACE = 'cloud';
const ENTRY = 'cloud:entry';
/** What is said of a function whose manifest has no `limits.memory_mb`: AWS's own default. */
const MEMORY_MB = 128;
/** In a published package what is bundled are the compiled files. */
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const ROOT = decodeURIComponent(new URL('../../', import.meta.url).pathname);

const utf8 = new TextEncoder();
const runtimes = new Map<Cloud, Promise<Uint8Array<ArrayBuffer>>>();

/** The entry of a bundle: the main module, or one that makes handlers of Workers of what that exports. */
export function entryOf(kind: HandlerKind, { main }: Config): string {
  return kind === 'standard' ? main : ENTRY;
}

/**
 * Puts a runtime around the main module. The cloud's own package is in the artifact only as that runtime, so that what a
 * function registers is where the runtime looks.
 */
export function cloudModules(kind: HandlerKind, config: Config): Plugin {
  return {
    name: 'cloud-modules',
    setup({ onResolve, onLoad }) {
      if (kind === 'standard') return;
      const runtime = `./${CLOUD_RUNTIMES[kind]}`;
      const settings = JSON.stringify(settingsOf(config));
      const sources: Readonly<Record<string, string>> = {
        entry: `import ${JSON.stringify('cloud:prepare')}; import * as main from ${JSON.stringify(config.main)}; import { serve } from '${runtime}'; export default serve(main, ${settings});`,
        prepare: `import { prepare } from '${runtime}'; prepare(${settings});`,
        // `require` of a module beside the bundle would fail at run time.
        required: `import * as all from '${runtime}'; module.exports = all;`,
      };
      onResolve({ filter: /^cloud:/ }, ({ path }) => ({ path: path.slice(NAMESPACE.length + 1), namespace: NAMESPACE }));
      onResolve({ filter: /-runtime\.js$/ }, ({ path, namespace }) =>
        namespace === NAMESPACE && path === runtime ? { path, external: true } : undefined,
      );
      onResolve({ filter: /^@/ }, ({ path, kind: how }) => {
        if (CLOUD_PACKAGES[path] !== kind) return undefined;
        return how === 'require-call' ? { path: 'required', namespace: NAMESPACE } : { path: runtime, external: true };
      });
      onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({ contents: sources[path]!, loader: 'js', resolveDir: config.dir }));
    },
  };
}

/** A cloud's runtime as one module, made once in each process. */
export function cloudRuntime(cloud: Cloud): Promise<Uint8Array<ArrayBuffer>> {
  let made = runtimes.get(cloud);
  if (made === undefined) runtimes.set(cloud, (made = bundleRuntime(cloud)));
  return made;
}

async function bundleRuntime(cloud: Cloud): Promise<Uint8Array<ArrayBuffer>> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [`sdk/clouds/${cloud}/runtime${EXTENSION}`],
    bundle: true,
    format: 'esm',
    target: 'es2024',
    platform: 'neutral',
    external: ['cloudflare:*', 'node:*'],
    legalComments: 'none',
    minifySyntax: true,
    minifyWhitespace: true,
    write: false,
    logLevel: 'silent',
  }).catch((cause: unknown) => {
    throw new BrinkError('internal', `The runtime for ${cloud} could not be bundled.`, { cause });
  });
  return utf8.encode(outputFiles[0]!.text);
}

function settingsOf({ manifest: { name, limits, queues }, build: { clouds } }: Config): Settings {
  const { lambda, gcf, azure } = clouds;
  const producers = Object.fromEntries((queues?.producers ?? []).map(({ queue, binding }) => [queue, binding]));
  return { function: name, deadline: limits.deadline_ms, memory: limits.memory_mb ?? MEMORY_MB, producers, lambda, gcf, azure };
}
