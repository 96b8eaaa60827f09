import { writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Built } from '../../host/build/build.ts';
import { buildFunction } from '../../host/build/build.ts';
import { readConfig, type ConfigOptions } from '../../host/build/config.ts';
import { BrinkError } from '../../host/errors.ts';

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** The smallest wasm module. */
export const WASM = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

const text = new TextDecoder();

/** A folder named `name` with these files, gone when the test ends. */
export async function project(files: Files, name = 'hello'): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'brink-build-')));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const dir = join(root, name);
  await mkdir(dir);
  for (const [path, content] of Object.entries(files)) await put(dir, path, content);
  return dir;
}

export async function put(dir: string, path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(dir, path)), { recursive: true });
  // In one go: who watches for it would see it empty in between.
  writeFileSync(join(dir, path), content);
}

/** Gives a project the packages of this repository. */
export async function linkPackages(dir: string): Promise<void> {
  await symlink(resolve(import.meta.dirname, '../../node_modules'), join(dir, 'node_modules'), 'dir');
}

export async function build(dir: string, options: ConfigOptions = {}): Promise<Built> {
  return buildFunction(await readConfig(dir, options));
}

export function moduleText(built: Built, name: string): string {
  return text.decode(built.artifact.modules[name]!.bytes);
}

/** Writes a bundle beside its sources and imports it: for modules that need no platform. */
export async function run(dir: string, built: Built): Promise<Record<string, unknown>> {
  const path = join(dir, `.out-${built.digest.slice(0, 12)}.mjs`);
  await writeFile(path, moduleText(built, 'index.js'));
  return (await import(path)) as Record<string, unknown>;
}

export async function failureOf(work: Promise<unknown>): Promise<BrinkError> {
  const error: unknown = await work.then(
    () => new Error('It did not fail.'),
    (reason: unknown) => reason,
  );
  if (error instanceof BrinkError) return error;
  throw error;
}
