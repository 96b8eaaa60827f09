import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { componentEmbed, componentNew } from '@bytecodealliance/jco';
import { readWorld, type World } from '../../../host/component/link/link.ts';

/** `wit/0.2` and `wit/0.3`. */
export type Generation = '0.2' | '0.3';
export const GENERATIONS: readonly Generation[] = ['0.2', '0.3'];

export const WIT = new URL('../../../wit/', import.meta.url).pathname;

/** A component of a world that does nothing: it imports all that the world has, unstable features too, and exports what it says. */
export async function componentOf(folder: string, world: string): Promise<Uint8Array<ArrayBuffer>> {
  const core = await componentEmbed({ dummy: true, witPath: folder, world, features: { tag: 'all' } });
  return new Uint8Array(await componentNew(core, []));
}

/** The names of the worlds and of the interfaces that a WIT text declares at its top. */
export function declared(kind: 'world' | 'interface', text: string): string[] {
  return [...text.matchAll(new RegExp(`^${kind} ([a-z0-9-]+) \\{`, 'gm'))].map(([, name]) => name!);
}

/** Every interface of a folder, ours and vendored, imported into one world. */
export async function everyInterface(generation: Generation): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'brink-wit-'));
  try {
    const deps = join(dir, 'deps');
    await cp(join(WIT, generation, 'deps'), deps, { recursive: true });
    await cp(join(WIT, generation, 'function.wit'), join(deps, 'brink-function', 'function.wit'), { recursive: true });
    const names = (await Promise.all((await readdir(deps)).map((folder) => interfacesIn(join(deps, folder))))).flat();
    await writeFile(join(dir, 'all.wit'), `package test:all;\nworld all {\n${names.map((name) => `  import ${name};\n`).join('')}}\n`);
    return readWorld(await componentOf(dir, 'all'));
  } finally {
    await rm(dir, { recursive: true });
  }
}

async function interfacesIn(folder: string): Promise<string[]> {
  const texts = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')));
  return texts.flatMap((text) => {
    const [, name, version] = /^package ([a-z:-]+)@(\S+);/m.exec(text)!;
    return declared('interface', text).map((each) => `${name}/${each}@${version}`);
  });
}
