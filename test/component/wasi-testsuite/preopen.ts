import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Descriptor } from '../../../host/component/wasi/filesystem/descriptor.ts';
import type { DirectoryNode } from '../../../host/component/wasi/filesystem/nodes.ts';
import { Volume } from '../../../host/component/wasi/filesystem/volume.ts';
import type { Result } from '../../../host/component/wasi/values/result.ts';

const LIMITS = { bytes: 16 * 1024 * 1024, entries: 1024 };

/** A copy of a directory in a volume like that of `/tmp`, preopened as `/`. */
export async function preopenOf(directory: string): Promise<readonly [Descriptor, string]> {
  const volume = new Volume(LIMITS);
  await fill(volume, volume.root, directory);
  return [new Descriptor(volume, volume.root, { read: true, 'mutate-directory': true }), '/'];
}

async function fill(volume: Volume, into: DirectoryNode, from: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const path = join(from, entry.name);
    if (entry.isDirectory()) await fill(volume, made(volume.createDirectory(into, entry.name)), path);
    if (entry.isFile()) made(volume.write(made(volume.createFile(into, entry.name)), await readFile(path), 0));
  }
}

function made<T>(result: Result<T, unknown>): T {
  if (result.tag === 'err') throw new Error('The directory is too large.');
  return result.val;
}
