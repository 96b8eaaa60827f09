import { build, type BuildOptions, type Plugin } from 'esbuild';

/** The host as one ES module for workerd. */
export interface EdgeBundle {
  readonly code: string;
  readonly map: string;
}

/** As `wrangler.toml` says. */
export const COMPATIBILITY = { date: '2026-01-01', flags: ['nodejs_als', 'enable_request_signal', 'request_signal_passthrough'] } as const;

const ENTRY = 'host/platforms/workerd/worker.ts';
const SHARD = 'host/platforms/workerd/shard.ts';
/** In a published package what is bundled are the compiled files. */
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const ROOT = decodeURIComponent(new URL('../../../', import.meta.url).pathname);
const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  format: 'esm',
  target: 'es2024',
  platform: 'neutral',
  mainFields: ['module', 'main'],
  conditions: ['workerd', 'worker', 'import'],
  legalComments: 'none',
} satisfies BuildOptions;
const PLATFORM_MODULES = ['cloudflare:*', 'node:*'];

let bundled: Promise<EdgeBundle> | undefined;
let bundledShard: Promise<EdgeBundle> | undefined;

/** Bundles the host Worker, once for each process. @throws what esbuild throws */
export function bundleEdge(): Promise<EdgeBundle> {
  return (bundled ??= bundleWorker(ENTRY));
}

/** The same of the Worker that runs functions in a process of their own. */
export function bundleShard(): Promise<EdgeBundle> {
  return (bundledShard ??= bundleWorker(SHARD));
}

/**
 * Bundles a Worker that has the engine in it.
 *
 * @param modules import names that stay imports, each with the path that it gets
 */
export async function bundleWorker(entry: string, modules: Readonly<Record<string, string>> = {}): Promise<EdgeBundle> {
  const { outputFiles } = await build({ ...worker(entry, 'worker.js', modules), sourcemap: 'external', write: false });
  const [map, code] = outputFiles;
  return { code: code!.text, map: map!.text };
}

function worker(entry: string, outfile: string, modules: Readonly<Record<string, string>> = {}) {
  return {
    ...COMMON,
    entryPoints: [entry.replace(/\.ts$/, EXTENSION)],
    outfile,
    external: PLATFORM_MODULES,
    plugins: [cellPlugin, localesPlugin, modulesPlugin(modules)],
  } satisfies BuildOptions;
}

function modulesPlugin(modules: Readonly<Record<string, string>>): Plugin {
  return {
    name: 'brink-modules',
    setup({ onResolve }) {
      onResolve({ filter: /^brink:/ }, ({ path }) => (Object.hasOwn(modules, path) ? { path: modules[path]!, external: true } : undefined));
    },
  };
}

/** Of the languages that zod speaks, English is used; the others are a sixth of the bundle, which a runtime reads whenever it starts. */
const localesPlugin: Plugin = {
  name: 'brink-locales',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
      loader: 'js',
    }));
  },
};

/** The code that goes into each dynamic isolate, as `brink:cell`. */
const cellPlugin: Plugin = {
  name: 'brink-cell',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^brink:cell$/ }, ({ path }) => ({ path, namespace: 'brink' }));
    onLoad({ filter: /.*/, namespace: 'brink' }, async () => {
      const { outputFiles } = await build({
        ...COMMON,
        entryPoints: [`host/cell/workerd/main${EXTENSION}`],
        external: [...PLATFORM_MODULES, 'brink:main'],
        minifyWhitespace: true,
        minifySyntax: true,
        write: false,
      });
      return { contents: `export const cellSource = ${JSON.stringify(outputFiles[0]!.text)};`, loader: 'js' };
    });
  },
};

if ((import.meta as { main?: boolean }).main) {
  await build({ ...worker(ENTRY, 'dist/edge/worker.js'), sourcemap: 'linked' });
}
