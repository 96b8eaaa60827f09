// Compiles src/*.c and what wit-bindgen made in dist/ to dist/core.wasm, with a clang that is WebAssembly itself.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { runClang } from './dist/node_modules/@yowasp/clang/gen/bundle.js';

const sources = await files('src', /\.[ch]$/);
const generated = await files('dist', /^shipping(\.[ch]|_component_type\.o)$/);
const inputs = [...Object.keys(sources), ...Object.keys(generated)].filter((name) => !name.endsWith('.h'));
const tree = await runClang(
  [
    'clang',
    '--target=wasm32-wasip1',
    '-mexec-model=reactor',
    '-Os',
    '-flto',
    '-Wall',
    '-Wextra',
    '-Wl,--strip-debug',
    ...inputs,
    '-o',
    'core.wasm',
  ],
  { ...sources, ...generated },
);
await writeFile('dist/core.wasm', tree['core.wasm']);

async function files(folder, pattern) {
  const names = (await readdir(folder)).filter((name) => pattern.test(name));
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, new Uint8Array(await readFile(`${folder}/${name}`))])));
}
