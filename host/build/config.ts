import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { BrinkError } from '../errors.ts';
import { invalidManifest } from '../registry/manifest-errors.ts';
import type { Manifest } from '../registry/manifest.ts';
import { parseManifest } from '../registry/parse-manifest.ts';
import { LATEST_COMPATIBILITY_DATE } from '../registry/manifest-schema.ts';
import { isName } from '../registry/names.ts';
import type { CloudSettings } from './cloud-keys.ts';
import { CONFIG_FILES, findConfigFile, isFile, readConfigFile } from './config-file.ts';
import { selectEnvironment, splitKeys, type BuildKeys } from './config-keys.ts';
import { withPages } from './pages.ts';

/** A function's folder, read: what the build needs to make an artifact of it. */
export interface Config {
  /** The function's folder: absolute, without symbolic links. */
  readonly dir: string;
  /** The config's name in that folder, or null where there is none. */
  readonly file: string | null;
  /** Absolute path of the main source file. */
  readonly main: string;
  readonly manifest: Manifest;
  readonly build: BuildSettings;
  /** What the author should know, though it stops nothing. */
  readonly warnings: readonly string[];
  /** Files that stand in the manifest: absolute paths. */
  readonly pages: readonly string[];
  /** What it was read from, to read it again when a file changes. */
  readonly origin: { readonly path: string; readonly options: ConfigOptions };
}

export interface BuildSettings {
  /** Names to replace by JavaScript expressions. */
  readonly define: Readonly<Record<string, string>>;
  readonly alias: Readonly<Record<string, string>>;
  readonly rules: BuildKeys['rules'];
  /** Relative to the folder; null: the `tsconfig.json` next to or above each file. */
  readonly tsconfig: string | null;
  readonly jsxFactory: string | null;
  readonly jsxFragment: string | null;
  /** The folder of a component's files, as the config names it; null where it has none. */
  readonly assets: string | null;
  readonly clouds: CloudSettings;
}

export interface ConfigOptions {
  /** The environment to take (`[env.NAME]`); none by default. */
  readonly env?: string;
  /** Put over the config's own. */
  readonly vars?: Readonly<Record<string, string>>;
  /** In place of `capabilities.outbound`. */
  readonly outbound?: readonly string[];
  /** Adds what `.dev.vars` says, as wrangler does: for `brink dev` only, because it holds secrets. */
  readonly devVars?: boolean;
  /** For a host that has no secrets: those that are required and no var are warned of, as `wrangler dev` does, and not asked for. */
  readonly secretsAsVars?: boolean;
}

export const DEV_VARS = '.dev.vars';

const SOURCE = /\.(?:[cm]?[jt]s|[jt]sx|wasm)$/;
const DEFAULT_MAINS = ['src/index.ts', 'src/index.tsx', 'src/index.js', 'src/index.mjs', 'index.ts', 'index.tsx', 'index.js', 'index.mjs'];

/**
 * Reads the config of a folder, a config file, or a single source file, which needs none.
 *
 * @throws {BrinkError} `config-invalid`, `main-missing`, or what `parseManifest` throws
 */
export async function readConfig(path: string, options: ConfigOptions = {}): Promise<Config> {
  const found = await realpath(path).catch(() => notThere(path));
  const origin = { path: found, options };
  if ((await stat(found)).isDirectory()) return readFolder(found, await findConfigFile(found), origin);
  if (['.toml', '.json', '.jsonc'].includes(extname(found))) return readFolder(dirname(found), found, origin);
  if (SOURCE.test(found)) return readSingleFile(found, origin);
  throw new BrinkError(
    'config-invalid',
    `${basename(found)} is neither a folder, nor a config file (${CONFIG_FILES.join(', ')}), nor a JavaScript, TypeScript or WebAssembly component file.`,
    {
      details: { file: basename(found) },
    },
  );
}

async function readFolder(dir: string, configPath: string | null, origin: Config['origin']): Promise<Config> {
  const file = configPath === null ? null : relative(dir, configPath);
  const place = file ?? basename(dir);
  const raw = configPath === null ? {} : selectEnvironment(await readConfigFile(configPath), origin.options.env, place);
  const { build, manifest } = splitKeys(raw, place);
  const name = manifest['name'] ?? (isName(basename(dir)) ? basename(dir) : undefined);
  const { value, files: pages } = await withPages({ ...manifest, ...(name !== undefined && { name }) }, { dir, place });
  const complete = await withOptions(value, dir, origin.options);
  const late = newerThanPlatform(complete);
  const parsed = parseManifest(late ? { ...complete, compatibility_date: LATEST_COMPATIBILITY_DATE } : complete, place);
  const main = await findMain(dir, file, build);
  if (build.component.assets !== undefined && !main.endsWith('.wasm'))
    throw invalidManifest('component.assets', 'is for WebAssembly components; import files as text or data modules instead', place);
  if (build.handler !== undefined && main.endsWith('.wasm'))
    throw invalidManifest('handler', 'is for JavaScript and TypeScript; a component says by its world what it handles', place);
  const warnings = warningsOf(build, place);
  const own = origin.options.secretsAsVars === true ? withoutSecrets(parsed, (warning) => warnings.push(`${place}: ${warning}`)) : parsed;
  if (late)
    warnings.push(`${place}: compatibility_date is later than this Brink's workerd knows; ${LATEST_COMPATIBILITY_DATE} is taken instead.`);
  return { dir, file, main, manifest: own, build: settings(build), warnings, pages, origin };
}

/** `hello.ts` is the function `hello`; `index.ts` is named as its folder, or as the one above `src`. */
async function readSingleFile(main: string, origin: Config['origin']): Promise<Config> {
  const dir = dirname(main);
  const stem = basename(main).replace(SOURCE, '');
  const folder = basename(dir) === 'src' ? basename(dirname(dir)) : basename(dir);
  const name = labelOf(stem === 'index' ? folder : stem);
  const manifest = parseManifest(await withOptions({ name }, dir, origin.options), basename(main));
  return { dir, file: null, main, manifest, build: settings(splitKeys({}, '').build), warnings: [], pages: [], origin };
}

async function withOptions(manifest: Record<string, unknown>, dir: string, options: ConfigOptions): Promise<Record<string, unknown>> {
  const devVars = options.devVars === true ? await readDevVars(dir, options.env) : {};
  const { vars = {}, capabilities = {} } = manifest;
  // What is no table is left for parseManifest to refuse.
  if (!isTable(vars) || !isTable(capabilities)) return manifest;
  return {
    ...manifest,
    vars: { ...vars, ...devVars, ...options.vars },
    capabilities: options.outbound === undefined ? capabilities : { ...capabilities, outbound: options.outbound },
  };
}

/** wrangler reads `.dev.vars.staging` in place of `.dev.vars` where the environment `staging` has one. */
async function readDevVars(dir: string, env: string | undefined): Promise<Record<string, string>> {
  for (const name of env === undefined ? [DEV_VARS] : [`${DEV_VARS}.${env}`, DEV_VARS]) {
    const text = await readFile(join(dir, name), 'utf8').catch(() => null);
    if (text !== null) return parseEnv(text) as Record<string, string>;
  }
  return {};
}

async function findMain(dir: string, file: string | null, build: BuildKeys): Promise<string> {
  const tried = build.main === undefined ? DEFAULT_MAINS : [build.main];
  for (const candidate of tried) {
    const path = resolve(dir, candidate);
    if (await isFile(path)) return realpath(checked(path, candidate, file));
  }
  const details = { tried, ...(file !== null && { file }) };
  const { command } = build.build;
  const wayOut =
    command !== undefined
      ? `Its build.command is not run here; run it first: ${command}`
      : build.main === undefined
        ? `Write main = "path/to/source.ts" in ${file ?? 'a brink.toml'}, or make one of these: ${tried.join(', ')}.`
        : 'Correct main, or make the file; if another tool builds it, run that first.';
  throw new BrinkError(
    'main-missing',
    `${file ?? basename(dir)}: the main module ${build.main === undefined ? '' : `${JSON.stringify(build.main)} `}is not there. ${wayOut}`,
    { details },
  );
}

function checked(path: string, main: string, file: string | null): string {
  if (SOURCE.test(path)) return path;
  const what = path.endsWith('.py')
    ? 'Workers in Python do not run here'
    : 'a function is written in JavaScript or TypeScript, or is a WebAssembly component';
  throw new BrinkError(
    'config-invalid',
    `${file ?? basename(path)}: main = ${JSON.stringify(main)} cannot be built: ${what}. Name a file that ends in .ts, .tsx, .js, .jsx, .mjs, .cjs or .wasm.`,
    { details: { key: 'main', ...(file !== null && { file }) } },
  );
}

function settings(build: BuildKeys): BuildSettings {
  return {
    define: build.define,
    alias: build.alias,
    rules: build.rules,
    tsconfig: build.tsconfig ?? null,
    jsxFactory: build.jsx_factory ?? null,
    jsxFragment: build.jsx_fragment ?? null,
    assets: build.component.assets ?? null,
    clouds: { handler: build.handler ?? null, lambda: build.lambda, gcf: build.gcf, azure: build.azure },
  };
}

/** New projects have the date of their first day, which no released workerd has reached; wrangler goes back too. */
function newerThanPlatform({ compatibility_date: date }: Record<string, unknown>): boolean {
  return (
    typeof date === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(date) && date > LATEST_COMPATIBILITY_DATE && !Number.isNaN(Date.parse(date))
  );
}

function warningsOf(build: BuildKeys, place: string): string[] {
  const warnings: string[] = [];
  if (build.build.command !== undefined) warnings.push(`${place}: build.command is not run here; main is taken as it is.`);
  if (build.find_additional_modules)
    warnings.push(`${place}: find_additional_modules does nothing here; only what an import names becomes part of the function.`);
  return warnings;
}

/** The manifest for a host without secrets. */
export function withoutSecrets({ secrets, ...manifest }: Manifest, warn: (warning: string) => void): Manifest {
  const unset = secrets?.required.filter((name) => !Object.hasOwn(manifest.vars, name)) ?? [];
  if (unset.length > 0) warn(`secrets.required names ${unset.join(', ')}, which nothing sets: the function will not find it in its env.`);
  return manifest;
}

function labelOf(text: string): string {
  const label = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
  return label === '' ? 'function' : label;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function notThere(path: string): never {
  throw new BrinkError('config-invalid', `${basename(path)} is not there. Give a function's folder, its config file or its source file.`, {
    details: { file: basename(path) },
  });
}
