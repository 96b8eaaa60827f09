import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transpile } from '@bytecodealliance/jco';

type Exports = Record<string, unknown>;
type Instantiate = (getCoreModule: (path: string) => WebAssembly.Module, imports: Record<string, unknown>) => Exports;

/** A component as jco runs it: what it returns makes an instance of the JavaScript that jco generates. */
export async function jcoComponent(bytes: Uint8Array): Promise<(imports: Record<string, unknown>) => Exports> {
  const { files } = await transpile(bytes, { name: 'component', instantiation: 'sync', noTypescript: true, nodejsCompat: false });
  const dir = await mkdtemp(join(tmpdir(), 'brink-jco-'));
  try {
    const main = join(dir, 'component.mjs');
    await writeFile(main, files['component.js']!);
    // Not by `import`, which the test runner would have a look at: the code is long.
    const { instantiate } = createRequire(import.meta.url)(main) as { instantiate: Instantiate };
    const modules = new Map(
      Object.entries(files)
        .filter(([name]) => name.endsWith('.wasm'))
        .map(([name, file]) => [name, new WebAssembly.Module(new Uint8Array(file))]),
    );
    return (imports) => instantiate((path) => modules.get(path)!, imports);
  } finally {
    await rm(dir, { recursive: true });
  }
}
