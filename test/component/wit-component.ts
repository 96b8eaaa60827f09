import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { componentEmbed, componentNew, parse } from '@bytecodealliance/jco';

/** A component of a core module in the text format, and of a package in WIT whose world is called `guest`. */
export async function witComponent(wit: string, wat: string): Promise<Uint8Array<ArrayBuffer>> {
  const dir = await mkdtemp(join(tmpdir(), 'brink-wit-'));
  try {
    await writeFile(join(dir, 'world.wit'), wit);
    return new Uint8Array(await componentNew(await componentEmbed({ binary: await parse(wat), witPath: dir, world: 'guest' })));
  } finally {
    await rm(dir, { recursive: true });
  }
}
