import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { watch, type FSWatcher } from 'chokidar';
import { BrinkError, toBrinkError } from '../errors.ts';
import { buildWith, type Built } from './build.ts';
import { createBundler } from './bundle.ts';
import type { Bundler } from './bundler.ts';
import { CONFIG_FILES } from './config-file.ts';
import { DEV_VARS, readConfig, type Config } from './config.ts';
import { openApiFiles } from './openapi.ts';
import { policyFiles } from './policies.ts';

export interface Watching {
  /** Waits for a build that runs, and reports no more. */
  stop(): Promise<void>;
}

/** Editors write a file in several steps; what happens within this many ms is one change. */
const SETTLE_MS = 30;

/**
 * Builds at once, and again whenever a file changes that the last build read, or the config. Reports each build or
 * why there is none; after a failure it goes on watching. Builds never overlap.
 */
export async function watchFunction(config: Config, onBuild: (result: Built | BrinkError) => void): Promise<Watching> {
  let current = config;
  let bundler: Bundler | null = null;
  let relevant = new Set<string>();
  let failed = false;
  let stopped = false;
  let stale = false;
  let configStale = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> | null = null;
  let watcher = await watchFolders([config.dir], onChange);
  let folders = new Set([config.dir]);

  function onChange(path: string): void {
    const isConfig = (dirname(path) === current.dir && concernsConfig(basename(path), current)) || current.pages.includes(path);
    const isInput = relevant.has(path) || relevant.has(dirname(path));
    if (stopped || !(isConfig || failed || isInput || concernsResolution(path))) return;
    stale = true;
    configStale ||= isConfig || failed;
    clearTimeout(timer);
    timer = setTimeout(() => void start(), SETTLE_MS);
  }

  function start(): Promise<void> {
    return (running ??= run().finally(() => (running = null)));
  }

  async function run(): Promise<void> {
    do {
      const startedAt = Date.now();
      clearTimeout(timer);
      stale = false;
      const result = await rebuild();
      failed = result instanceof BrinkError;
      const moved = await follow();
      stale ||= (failed && moved) || changedSince(startedAt);
      if (!stopped && !stale) onBuild(result);
    } while (stale && !stopped);
  }

  async function rebuild(): Promise<Built | BrinkError> {
    try {
      if (configStale || bundler === null) {
        const fresh = configStale ? await readConfig(current.origin.path, current.origin.options) : current;
        configStale = false;
        await bundler?.dispose();
        bundler = null;
        current = fresh;
        bundler = await createBundler(current);
      }
      return await buildWith(bundler, current);
    } catch (error) {
      return toBrinkError(error);
    }
  }

  /**
   * Watches the folders that the last build read from, and says whether these are others than before. Folders, because
   * editors replace files, and a new file can be the one that an import missed.
   */
  async function follow(): Promise<boolean> {
    const inputs = [...(bundler?.inputs() ?? []), ...policyFiles(current), ...openApiFiles(current), ...current.pages];
    const all = bundler?.folders() ?? [];
    relevant = new Set([...inputs, current.main, ...all]);
    const own = [...relevant].filter(isOwn).map((path) => dirname(path));
    const wanted = new Set([current.dir, ...own, ...all, ...(bundler?.missing() ?? []).map((path) => nearestFolder(dirname(path)))]);
    if (wanted.size === folders.size && [...wanted].every((folder) => folders.has(folder))) return false;
    const next = await watchFolders([...wanted], onChange);
    await watcher.close();
    [watcher, folders] = [next, wanted];
    return true;
  }

  /** Whether a file was written after the build began and perhaps before its folder was watched. */
  function changedSince(time: number): boolean {
    return [...relevant].some((path) => {
      const written = isOwn(path) ? (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) : 0;
      return written > time && written <= Date.now();
    });
  }

  await start();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
      await watcher.close();
      await bundler?.dispose();
    },
  };
}

/** Reports every entry of these folders, not what lies deeper, that is written, made or removed. */
async function watchFolders(folders: readonly string[], onChange: (path: string) => void): Promise<FSWatcher> {
  const watcher = watch([...folders], { depth: 0, ignoreInitial: true, atomic: false });
  await new Promise<void>((ready) => watcher.once('ready', ready));
  watcher.on('add', onChange).on('change', onChange).on('unlink', onChange).on('addDir', onChange);
  // A folder that goes away is noticed by the build that misses its files.
  watcher.on('error', () => {});
  return watcher;
}

function concernsConfig(name: string, { file, origin }: Config): boolean {
  if (origin.options.devVars === true && (name === DEV_VARS || name === `${DEV_VARS}.${origin.options.env}`)) return true;
  return name === file || (CONFIG_FILES as readonly string[]).includes(name);
}

function concernsResolution(path: string): boolean {
  return /^(?:package|[jt]sconfig(?:\..+)?)\.json$/.test(basename(path));
}

function isOwn(path: string): boolean {
  return !path.includes(`${sep}node_modules${sep}`);
}

function nearestFolder(path: string): string {
  return existsSync(path) ? path : nearestFolder(join(path, '..'));
}
