import { resolve } from 'node:path';
import { context, type BuildFailure, type BuildOptions, type BuildResult, type Message } from 'esbuild';
import { BrinkError } from '../errors.ts';
import { CLOUD_RUNTIMES, type Module } from '../registry/artifact.ts';
import type { Manifest } from '../registry/manifest.ts';
import { buildFailed, warningText } from './build-error.ts';
import { MAIN_MODULE, type Bundler } from './bundler.ts';
import type { HandlerKind } from './cloud-keys.ts';
import { handlerKindOf } from './cloud-kind.ts';
import { cloudModules, cloudRuntime, entryOf } from './cloud-modules.ts';
import { createComponentBundler, isComponent } from './component.ts';
import type { Config } from './config.ts';
import { createModuleFiles } from './module-files.ts';
import { asksForNode, platformModules } from './node-builtins.ts';
import { neededFlags } from './node-flags.ts';
import { sdkModule } from './sdk-module.ts';
import { refuseServiceWorker } from './service-worker.ts';
import { relativePath, stablePath, withStablePaths } from './stable-paths.ts';

interface Building {
  readonly kind: HandlerKind;
  readonly plugins: BuildOptions['plugins'] & {};
}

const utf8 = new TextEncoder();

export function createBundler(config: Config): Promise<Bundler> {
  return isComponent(config.main) ? Promise.resolve(createComponentBundler(config)) : createSourceBundler(config);
}

async function createSourceBundler(config: Config): Promise<Bundler> {
  const files = createModuleFiles(config.dir, config.build.rules);
  let missing: string[] = [];
  const open = async (kind: HandlerKind) => {
    const own = needsOf(kind, config.manifest);
    const plugins = [cloudModules(kind, config), sdkModule(), platformModules(own, config.build.alias), files.plugin];
    const building = await context(optionsFor(config, { kind, plugins })).catch((error: unknown) => {
      throw failure(config, error);
    });
    return { kind, building };
  };
  let current = await open(config.build.clouds.handler ?? 'standard');
  return {
    async bundle() {
      missing = [];
      try {
        const kind = await handlerKindOf(config);
        if (kind !== current.kind) {
          await current.building.dispose();
          current = await open(kind);
        }
        const result = await current.building.rebuild();
        const warnings = result.warnings.map((message) => warningText(message, config));
        if (result.outputFiles.some(({ path }) => path.endsWith('.css')))
          warnings.push('Stylesheets that the sources import are left out.');
        const outputs = Object.values(result.metafile.outputs);
        await refuseServiceWorker({
          code: result.outputFiles.find(({ path }) => path === resolve(config.dir, MAIN_MODULE))!.text,
          exports: outputs.flatMap((output) => output.exports),
          inputs: files.inputs,
          stable: (path) => stablePath(relativePath(config.dir, path)),
        });
        const external = outputs.flatMap(({ imports }) => imports.map(({ path }) => path));
        const asked = needsOf(kind, config.manifest);
        const flags = [
          ...asked.slice(config.manifest.compatibility_flags.length),
          ...neededFlags(external, { ...config.manifest, compatibility_flags: asked }),
        ];
        const modules = modulesOf(config, result, files.modules);
        if (kind !== 'standard') modules[CLOUD_RUNTIMES[kind]] = { type: 'js', bytes: await cloudRuntime(kind) };
        return { modules, warnings, flags };
      } catch (error) {
        missing = missingOf(config, error);
        throw failure(config, error);
      }
    },
    inputs: () => (files.inputs.size === 0 ? [config.main] : [...files.inputs]),
    folders: () => [],
    missing: () => missing,
    dispose: () => current.building.dispose(),
  };
}

/** The manifest's flags, and Node's for functions of other clouds, which are written for it. */
function needsOf(kind: HandlerKind, { compatibility_flags: asked }: Manifest): readonly string[] {
  return kind === 'standard' || asksForNode(asked) ? asked : [...asked, 'nodejs_compat'];
}

/** The conditions and defaults are wrangler's, so that packages resolve to the files that they have for Workers. */
function optionsFor(config: Config, { kind, plugins }: Building): BuildOptions & { metafile: true; write: false } {
  const { dir, build } = config;
  return {
    absWorkingDir: dir,
    entryPoints: [entryOf(kind, config)],
    outfile: resolve(dir, MAIN_MODULE),
    write: false,
    allowOverwrite: true,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['workerd', 'worker', 'browser'],
    mainFields: ['browser', 'module', 'main'],
    target: 'es2024',
    charset: 'utf8',
    legalComments: 'none',
    sourcemap: 'external',
    sourcesContent: false,
    metafile: true,
    logLevel: 'silent',
    loader: { '.js': 'jsx', '.mjs': 'jsx', '.cjs': 'jsx' },
    define: { 'process.env.NODE_ENV': '"production"', ...build.define },
    alias: { ...build.alias },
    ...(build.tsconfig !== null && { tsconfig: resolve(dir, build.tsconfig) }),
    ...(build.jsxFactory !== null && { jsxFactory: build.jsxFactory }),
    ...(build.jsxFragment !== null && { jsxFragment: build.jsxFragment }),
    plugins,
  };
}

function modulesOf(
  config: Config,
  result: BuildResult<{ metafile: true; write: false }>,
  files: ReadonlyMap<string, Module>,
): Record<string, Module> {
  const stable = (path: string) => stablePath(relativePath(config.dir, resolve(config.dir, path)));
  const output = (name: string) => result.outputFiles.find(({ path }) => path === resolve(config.dir, name))!.text;
  const code = withStablePaths(output(MAIN_MODULE), Object.keys(result.metafile.inputs), stable);
  const map = JSON.parse(output(`${MAIN_MODULE}.map`)) as { sources: string[] };
  map.sources = map.sources.map(stable);
  return {
    [MAIN_MODULE]: { type: 'js', bytes: utf8.encode(code) },
    [`${MAIN_MODULE}.map`]: { type: 'map', bytes: utf8.encode(JSON.stringify(map)) },
    ...Object.fromEntries(files),
  };
}

function failure(config: Config, error: unknown): BrinkError {
  if (error instanceof BrinkError) return error;
  const messages = messagesOf(error);
  return messages === null ? new BrinkError('internal', 'The bundler stopped.', { cause: error }) : buildFailed(config, messages, error);
}

function missingOf(config: Config, error: unknown): string[] {
  return (messagesOf(error) ?? []).flatMap(({ text, location }) => {
    const [, specifier] = /^Could not resolve "(\.[^"]*)"$/.exec(text) ?? [];
    return specifier === undefined || location === null ? [] : [resolve(config.dir, location.file, '..', specifier)];
  });
}

function messagesOf(error: unknown): readonly Message[] | null {
  const { errors } = (error ?? {}) as Partial<BuildFailure>;
  return Array.isArray(errors) && errors.length > 0 ? errors : null;
}
