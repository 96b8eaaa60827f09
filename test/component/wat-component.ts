import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { componentEmbed, componentNew, parse } from '@bytecodealliance/jco';

/** Which WASI a guest is written for, in the version whose WIT the tools bring. */
export type WatWorld = '0.2' | '0.3';

const WIT = new URL('../../node_modules/@bytecodealliance/jco/lib/wit/builtin/', import.meta.url).pathname;

/** Those of ours, which the tools do not bring. */
const OWN_WIT = new URL('../../wit/', import.meta.url).pathname;

const VERSION = { '0.2': '0.2.12', '0.3': '0.3.0' } as const;

const PACKAGES = {
  '0.2': ['io', 'clocks', 'random', 'cli', 'sockets', 'filesystem', 'http'],
  '0.3': ['clocks', 'random', 'cli', 'sockets', 'filesystem', 'http'],
};

/** Of ours. */
const OWN = { '0.2': ['config', 'blobstore', 'messaging'], '0.3': [] };

/** All that a guest may import; what it does not name stays out of its component. */
const WORLD = {
  '0.2': `
    import wasi:http/types@0.2.12;
    import wasi:io/streams@0.2.12;
    import wasi:io/poll@0.2.12;
    import wasi:clocks/monotonic-clock@0.2.12;
    import wasi:filesystem/preopens@0.2.12;
    import wasi:filesystem/types@0.2.12;
    import wasi:cli/stderr@0.2.12;
    import wasi:cli/environment@0.2.12;
    import wasi:config/store@0.2.0-rc.1;
    import wasi:blobstore/blobstore@0.2.0-draft;
    import wasi:blobstore/container@0.2.0-draft;
    import wasi:blobstore/types@0.2.0-draft;
    export wasi:http/incoming-handler@0.2.12;`,
  '0.3': `
    import wasi:http/types@0.3.0;
    import wasi:clocks/monotonic-clock@0.3.0;
    import wasi:filesystem/preopens@0.3.0;
    import wasi:filesystem/types@0.3.0;
    export wasi:http/handler@0.3.0;`,
} as const;

/**
 * A component of a core module in the text format. Its imports and exports have wit-component's names, with `@V` for the
 * version: `(import "wasi:http/types@V" "[constructor]fields" …)`. `items` are those of another world than that of a server.
 */
export async function watComponent(world: WatWorld, wat: string, items?: string): Promise<Uint8Array<ArrayBuffer>> {
  return coreComponent(world, await parse(wat.replaceAll('@V', `@${VERSION[world]}`)), items);
}

/** The same of a core module as bytes. */
export async function coreComponent(world: WatWorld, binary: Uint8Array, items: string = WORLD[world]): Promise<Uint8Array<ArrayBuffer>> {
  const dir = await mkdtemp(join(tmpdir(), 'brink-wat-'));
  try {
    await mkdir(join(dir, 'deps'));
    if (items.includes('brink:')) await cp(join(OWN_WIT, world, 'deps'), join(dir, 'deps'), { recursive: true });
    else await copyPackages(world, join(dir, 'deps'));
    if (items.includes('brink:function/'))
      await cp(join(OWN_WIT, world, 'function.wit'), join(dir, 'deps', 'brink-function', 'function.wit'));
    await writeFile(join(dir, 'world.wit'), `package test:guest;\nworld guest {${items}\n}\n`);
    return new Uint8Array(await componentNew(await componentEmbed({ binary, witPath: dir })));
  } finally {
    await rm(dir, { recursive: true });
  }
}

async function copyPackages(world: WatWorld, to: string): Promise<void> {
  for (const name of PACKAGES[world]) await cp(join(WIT, VERSION[world], `wasi-${name}`), join(to, name), { recursive: true });
  const http = join(to, 'http', 'package.wit');
  // What is not stable is there for guests that name it.
  await writeFile(http, (await readFile(http, 'utf8')).replaceAll(/@unstable\(feature = [\w-]+\)/g, ''));
  for (const name of OWN[world]) await cp(join(OWN_WIT, world, 'deps', `wasi-${name}`), join(to, name), { recursive: true });
}
