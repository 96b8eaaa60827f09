import { lstat, readFile, readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { BrinkError } from '../errors.ts';
import { ARTIFACT_MAX_BYTES, type Module } from '../registry/artifact.ts';
import { invalidManifest } from '../registry/manifest-errors.ts';
import { moduleName } from './module-files.ts';
import { stablePath } from './stable-paths.ts';

/** The files that a component finds under `/`, and what they lie in. */
export interface AssetFiles {
  /** By the path below `/`, as `data/words.txt`, in a fixed order; what each module is called. */
  readonly paths: ReadonlyMap<string, string>;
  /** By their names: files with the same bytes and the same name are one. */
  readonly modules: Readonly<Record<string, Module>>;
  /** Absolute paths of the files. */
  readonly inputs: readonly string[];
  /** Absolute paths of the folders, for a new file in one changes the artifact. */
  readonly folders: readonly string[];
}

/** Each is a module that both platforms load when a cell starts. */
export const MAX_ASSETS = 1_000;

export const NO_ASSETS: AssetFiles = { paths: new Map(), modules: {}, inputs: [], folders: [] };

const KEY = 'component.assets';

interface Found {
  readonly root: string;
  readonly place: string;
  readonly files: { readonly path: string; readonly file: string }[];
  readonly folders: string[];
  bytes: number;
}

/**
 * Reads the folder that `component.assets` names, with all that is below it. A symbolic link to a file in the folder
 * stands for that file; any other is refused, as nothing from outside of the folder is to get into an artifact by accident.
 *
 * @param dir the function's folder, absolute and without symbolic links
 * @throws {BrinkError} `manifest-invalid`; `artifact-too-large`
 */
export async function readAssets(dir: string, assets: string, place: string): Promise<AssetFiles> {
  const root = resolve(dir, assets);
  if (!isBelow(dir, root))
    throw invalidManifest(KEY, `must name a folder below the function's own, such as "data", not "${assets}"`, place);
  const real = await realpath(root).catch(() => null);
  if (real === null || !(await stat(real)).isDirectory())
    throw invalidManifest(KEY, `names "${assets}", which is ${real === null ? 'not there' : 'no folder'}`, place);
  if (!isBelow(dir, real)) throw invalidManifest(KEY, `names "${assets}", a link that leads out of the function's folder`, place);
  const found: Found = { root: real, place, files: [], folders: [], bytes: 0 };
  await walk(found, real);
  return modulesOf(found);
}

async function walk(found: Found, folder: string): Promise<void> {
  found.folders.push(folder);
  const names = (await readdir(folder)).toSorted((a, b) => (a < b ? -1 : 1));
  for (const name of names) {
    const path = join(folder, name);
    const entry = await lstat(path);
    if (entry.isDirectory()) await walk(found, path);
    else await add(found, path, entry.isSymbolicLink() ? await target(found, path) : path);
  }
}

async function add(found: Found, path: string, file: string): Promise<void> {
  const what = await stat(file);
  const shown = shownPath(found, path);
  if (what.isDirectory())
    throw invalidManifest(KEY, `has ${shown}, a link to a folder, which is not followed; copy the folder`, found.place);
  if (!what.isFile()) throw invalidManifest(KEY, `has ${shown}, which is neither a file nor a folder`, found.place);
  if (found.files.length >= MAX_ASSETS)
    throw invalidManifest(KEY, `has more than ${MAX_ASSETS} files; pack them into fewer, or read them from a store`, found.place);
  found.bytes += what.size;
  if (found.bytes > ARTIFACT_MAX_BYTES) throw tooLarge(found);
  found.files.push({ path: shown, file });
}

async function target(found: Found, path: string): Promise<string> {
  const real = await realpath(path).catch(() => null);
  if (real === null) throw invalidManifest(KEY, `has ${shownPath(found, path)}, a link that leads nowhere`, found.place);
  if (!isBelow(found.root, real))
    throw invalidManifest(KEY, `has ${shownPath(found, path)}, a link that leads out of the folder; copy the file`, found.place);
  return real;
}

async function modulesOf({ files, folders }: Found): Promise<AssetFiles> {
  const paths = new Map<string, string>();
  const modules: Record<string, Module> = {};
  for (const { path, file } of files) {
    const bytes = new Uint8Array(await readFile(file));
    const name = moduleName(file, 'data', bytes);
    modules[name] = { type: 'data', bytes };
    paths.set(path, name);
  }
  return { paths, modules, inputs: files.map(({ file }) => file), folders };
}

function shownPath({ root }: Found, path: string): string {
  return stablePath(relative(root, path));
}

function isBelow(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function tooLarge({ bytes, place }: Found): BrinkError {
  return new BrinkError(
    'artifact-too-large',
    `${place}: ${KEY} has more than ${ARTIFACT_MAX_BYTES} bytes, the most that an artifact may have. Leave large files out.`,
    { details: { key: KEY, bytes, limit: ARTIFACT_MAX_BYTES } },
  );
}
