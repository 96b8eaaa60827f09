import { readFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { describeComponent } from '../component/describe.ts';
import { prepareComponent } from '../component/prepare.ts';
import { exportsOf } from '../component/serve/generation.ts';
import { settingsOf } from '../component/serve/settings.ts';
import { checkImports, isBlocking } from '../component/wasi/hosts.ts';
import { BrinkError } from '../errors.ts';
import { COMPONENT_MODULE, type Module } from '../registry/artifact.ts';
import { COMPONENT_DEFAULTS } from '../registry/manifest-schema.ts';
import { NO_ASSETS, readAssets, type AssetFiles } from './asset-files.ts';
import { MAIN_MODULE, type Bundler } from './bundler.ts';
import { componentOpenApi } from './component-openapi.ts';
import type { Config } from './config.ts';

const RUNTIME = 'component-runtime.js';
const PLAN = 'component-plan.json';
/** In a published package what is bundled are the compiled files. */
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const ROOT = decodeURIComponent(new URL('../../', import.meta.url).pathname);

const utf8 = new TextEncoder();
let runtime: Promise<Uint8Array<ArrayBuffer>> | undefined;

/** Whether a main file is a component, and not source code. */
export function isComponent(main: string): boolean {
  return main.endsWith('.wasm');
}

/** "Bundles" a component: its core modules, its plan, and the runtime that interprets it, behind a main module of a few lines. */
export function createComponentBundler(config: Config): Bundler {
  let assets = NO_ASSETS;
  return {
    async bundle() {
      assets = await assetsOf(config);
      const bytes = new Uint8Array(await readFile(config.main));
      return { modules: await componentModules(config, bytes, assets), warnings: [], flags: [] };
    },
    inputs: () => [config.main, ...assets.inputs],
    folders: () => [...assets.folders],
    missing: () => [],
    dispose: () => Promise.resolve(),
  };
}

async function assetsOf({ dir, file, build }: Config): Promise<AssetFiles> {
  return build.assets === null ? NO_ASSETS : readAssets(dir, build.assets, file ?? '');
}

async function componentModules(config: Config, bytes: Uint8Array<ArrayBuffer>, assets: AssetFiles): Promise<Record<string, Module>> {
  const settings = settingsOf(config.manifest.component ?? COMPONENT_DEFAULTS);
  const { plan, modules, maps, world } = prepareComponent(bytes, isBlocking, { resets: settings.isolation === 'request' });
  checkImports(plan);
  const { handlers, own } = exportsOf(plan);
  const fixed = plan.modules.find((module) => module.fixed !== null)?.fixed ?? null;
  // Where it has a handler of HTTP, that gets all requests.
  const called = handlers.fetch === undefined ? own : [];
  const calls = called.map(({ path }) => path);
  const description = { ...describeComponent(bytes, world), isolation: settings.isolation, fixed, calls };
  return {
    [MAIN_MODULE]: {
      type: 'js',
      bytes: utf8.encode(
        mainModule(
          plan.modules.map(({ name }) => name),
          settings,
          assets.paths,
        ),
      ),
    },
    [RUNTIME]: { type: 'js', bytes: await (runtime ??= bundleRuntime()) },
    [PLAN]: json(plan),
    [COMPONENT_MODULE]: json(description),
    ...componentOpenApi({ world, bytes, own: called, title: config.manifest.name }),
    ...assets.modules,
    ...Object.fromEntries(plan.modules.map(({ name }, index) => [name, { type: 'wasm', bytes: modules[index]! }])),
    ...Object.fromEntries(plan.modules.flatMap(({ name }, index) => mapOf(name, maps[index]!))),
  };
}

function mainModule(names: readonly string[], settings: object, assets: AssetFiles['paths']): string {
  const files = [...new Set(assets.values())];
  const entries = [...assets].map(([path, name]) => `[${JSON.stringify(path)}, file${files.indexOf(name)}]`);
  return [
    `import { serveComponent } from './${RUNTIME}';`,
    `import plan from './${PLAN}';`,
    ...names.map((name, index) => `import core${index} from './${name}';`),
    ...files.map((name, index) => `import file${index} from './${name}';`),
    `const modules = [${names.map((_, index) => `core${index}`).join(', ')}];`,
    `const assets = [${entries.join(', ')}];`,
    `export default serveComponent(plan, modules, ${JSON.stringify(settings)}, assets);`,
    '',
  ].join('\n');
}

/** The runtime as one module, once for each process. */
async function bundleRuntime(): Promise<Uint8Array<ArrayBuffer>> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [`host/component/serve/serve${EXTENSION}`],
    bundle: true,
    format: 'esm',
    target: 'es2024',
    platform: 'neutral',
    legalComments: 'none',
    minify: true,
    write: false,
    logLevel: 'silent',
  }).catch((cause: unknown) => {
    throw new BrinkError('internal', 'The component runtime could not be bundled.', { cause });
  });
  return utf8.encode(outputFiles[0]!.text);
}

function mapOf(name: string, map: string | null): [string, Module][] {
  return map === null ? [] : [[`${name}.map`, { type: 'map', bytes: utf8.encode(map) }]];
}

function json(value: unknown): Module {
  return { type: 'json', bytes: utf8.encode(JSON.stringify(value)) };
}
