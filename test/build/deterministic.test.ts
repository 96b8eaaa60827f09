import { rename, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { build, moduleText, project, WASM, type Files } from './project.ts';

/** Everything whose file's path a bundler could write down: CommonJS wrappers, lazy ESM, a package, assets, index files. */
const FILES: Files = {
  'brink.toml': 'name = "same"\nvars = { b = 1, a = { d = 1, c = 2 } }',
  'index.ts': `
    import pkg from 'pkg'; import old from './old/index.js'; import wasm from './a.wasm'; import page from 'pkg/page.html';
    export const self = () => import('./index.ts');
    export default { pkg, old, wasm, page };`,
  'old/index.js': "module.exports = require('pkg/deep.cjs');",
  'a.wasm': WASM,
};

const PACKAGE: Files = {
  'pkg/index.js': "export { default } from './lib/index.mjs';",
  'pkg/lib/index.mjs': 'export default class Same {}',
  'pkg/deep.cjs': 'exports.deep = __filename;',
  'pkg/page.html': '<p>',
};

const under = (folder: string, files: Files) =>
  Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));

it('gives the same bytes in two folders', async () => {
  const files = { ...FILES, ...under('node_modules', PACKAGE) };
  const one = await build(await project(files, 'one'));
  const other = await build(await project(files, 'quite-another-name'));
  expect(other.digest).toBe(one.digest);
  expect(Buffer.compare(other.bytes, one.bytes)).toBe(0);
});

it('gives the same bytes wherever node_modules lies: beside, above, or behind a link', async () => {
  const beside = await project({ ...FILES, ...under('node_modules', PACKAGE) });
  const above = await project(FILES);
  const elsewhere = await project(PACKAGE, 'node_modules');
  const linked = await project(FILES);
  await symlink(elsewhere, join(linked, 'node_modules'), 'dir');
  await rename(await project(PACKAGE, 'node_modules'), join(dirname(above), 'node_modules'));
  const digests = await Promise.all([beside, above, linked].map(async (dir) => (await build(dir)).digest));
  expect(new Set(digests).size).toBe(1);
});

it('gives the same bytes for the same build again, and others when a source changes', async () => {
  const plain = await project({ 'index.js': 'export default 1' });
  const other = await project({ 'index.js': 'export default 2' });
  expect((await build(plain)).digest).toBe((await build(plain)).digest);
  expect((await build(other)).digest).not.toBe((await build(plain)).digest);
});

it('writes no path of the machine into any module', async () => {
  const dir = await project(FILES);
  const elsewhere = await project(PACKAGE, 'node_modules');
  await symlink(elsewhere, join(dir, 'node_modules'), 'dir');
  const built = await build(dir);
  const parts = [dirname(dir), dirname(elsewhere)].map((path) => path.split('/').at(-1)!);
  for (const name of Object.keys(built.artifact.modules)) {
    for (const part of parts) expect(moduleText(built, name)).not.toContain(part);
  }
  const { sources } = JSON.parse(moduleText(built, 'index.js.map')) as { sources: string[] };
  expect(sources).toContain('node_modules/pkg/lib/index.mjs');
  expect(moduleText(built, 'index.js')).toContain('// node_modules/pkg/deep.cjs');
});
