import { createHash } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join, matchesGlob, relative } from 'node:path';
import type { Plugin } from 'esbuild';
import type { Module, ModuleType } from '../registry/artifact.ts';
import { isFile } from './config-file.ts';
import type { BuildSettings } from './config.ts';
import { stablePath } from './stable-paths.ts';

type Rule = BuildSettings['rules'][number];

/** wrangler's own rules. A config's rule for a type replaces the one of that type, unless it says `fallthrough`. */
const DEFAULT_RULES: readonly Rule[] = [
  { type: 'Text', globs: ['**/*.txt', '**/*.html', '**/*.sql'], fallthrough: true },
  { type: 'Data', globs: ['**/*.bin'], fallthrough: true },
  { type: 'CompiledWasm', globs: ['**/*.wasm', '**/*.wasm?module'], fallthrough: true },
];

const TYPES: Readonly<Partial<Record<Rule['type'], ModuleType>>> = { Text: 'text', Data: 'data', CompiledWasm: 'wasm' };
const EXTERNAL = 'module-file';
const ASKED = Symbol('asked');

export interface ModuleFiles {
  readonly plugin: Plugin;
  /** Every file that the bundle reads, also where it fails: absolute paths. */
  readonly inputs: Set<string>;
  /** The modules beside the bundle, by name: `assets/{hash}-{file name}`. */
  readonly modules: Map<string, Module>;
}

/** Makes files that are no JavaScript, by wrangler's rules, modules of their own, which the bundle imports. */
export function createModuleFiles(dir: string, rules: BuildSettings['rules']): ModuleFiles {
  const active = activeRules(rules);
  const inputs = new Set<string>();
  const modules = new Map<string, Module>();
  const plugin: Plugin = {
    name: 'module-files',
    setup(build) {
      build.onStart(() => {
        inputs.clear();
        modules.clear();
      });
      // Packages leave their wasm out of what they export; wrangler takes it by its path all the same.
      build.onResolve({ filter: /^(?:@[^/]+\/)?[^./][^/]*\/.*\.\w+$/ }, async ({ path, pluginData, ...from }) => {
        if (pluginData === ASKED || typeOf(path, active) === undefined) return undefined;
        const found = await build.resolve(path, { ...from, pluginData: ASKED });
        const file = found.errors.length > 0 ? await packageFile(from.resolveDir, path) : null;
        return file === null ? undefined : { path: file };
      });
      build.onLoad({ filter: /.*/, namespace: 'file' }, async ({ path, with: attributes }) => {
        inputs.add(path);
        const type = 'type' in attributes ? undefined : typeOf(stablePath(relative(dir, path)), active);
        if (type === undefined) return undefined;
        const bytes = new Uint8Array(await readFile(path));
        const name = moduleName(path, type, bytes);
        modules.set(name, { type, bytes });
        return { contents: `export { default } from ${JSON.stringify(`${EXTERNAL}:${name}`)};`, loader: 'js' };
      });
      build.onResolve({ filter: new RegExp(`^${EXTERNAL}:`) }, ({ path }) => ({
        path: `./${path.slice(EXTERNAL.length + 1)}`,
        external: true,
      }));
    },
  };
  return { plugin, inputs, modules };
}

function activeRules(rules: readonly Rule[]): readonly Rule[] {
  const closed = new Set(rules.filter(({ fallthrough }) => !fallthrough).map(({ type }) => type));
  return [...rules, ...DEFAULT_RULES.filter(({ type }) => !closed.has(type))];
}

function typeOf(path: string, rules: readonly Rule[]): ModuleType | undefined {
  const plain = path.replace(/^(?:\.\.\/)+/, '');
  const rule = rules.find(({ globs }) => globs.some((glob) => matchesGlob(plain, glob.replace(/^\.?\//, '').replace(/\?module$/, ''))));
  return rule && TYPES[rule.type];
}

/** A file of a package by its path in the nearest `node_modules` that has it. */
async function packageFile(from: string, path: string): Promise<string | null> {
  for (let dir = from; ; dir = dirname(dir)) {
    const candidate = join(dir, 'node_modules', path);
    if (await isFile(candidate)) return realpath(candidate);
    if (dirname(dir) === dir) return null;
  }
}

/** The name of a module beside the bundle: of equal bytes and file names, the same. */
export function moduleName(path: string, type: ModuleType, bytes: Uint8Array): string {
  const hash = createHash('sha256').update(`${type}\0`).update(bytes).digest('hex').slice(0, 16);
  return `assets/${hash}-${basename(path)
    .replace(/[^\w.-]/g, '-')
    .slice(-100)}`;
}
