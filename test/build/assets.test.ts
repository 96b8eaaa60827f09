import { readFile, symlink, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MAX_ASSETS } from '../../host/build/asset-files.ts';
import { ARTIFACT_MAX_BYTES } from '../../host/registry/artifact.ts';
import { build, failureOf, moduleText, project, put } from './project.ts';

const HELLO = new URL('../component/guests/p2-hello.wasm', import.meta.url);
const CONFIG = 'main = "hello.wasm"\n[component]\nassets = "data"\n';

async function component(files: Record<string, string>, config = CONFIG): Promise<string> {
  return project({ 'brink.toml': config, 'hello.wasm': new Uint8Array(await readFile(HELLO)), ...files });
}

it('puts the files of component.assets into the artifact, and not the name of the folder', async () => {
  const built = await build(await component({ 'data/b.txt': 'b', 'data/deep/a.txt': 'a', 'data/deep/b.txt': 'b' }));
  const files = Object.entries(built.artifact.modules).filter(([name]) => name.startsWith('assets/'));
  expect(files.map(([name, { type }]) => [name.slice(24), type])).toEqual([
    ['b.txt', 'data'],
    ['a.txt', 'data'],
  ]);
  expect(moduleText(built, 'index.js')).toContain('[["b.txt", file0], ["deep/a.txt", file1], ["deep/b.txt", file0]]');
  expect(built.artifact.manifest.component).not.toHaveProperty('assets');
  expect(built.inputs.map((path) => path.split('/hello/')[1])).toEqual(['hello.wasm', 'data/b.txt', 'data/deep/a.txt', 'data/deep/b.txt']);
});

it('gives equal folders equal digests, and others others', async () => {
  const digest = async (files: Record<string, string>, data = 'data') =>
    (await build(await component(files, CONFIG.replace('"data"', `"${data}"`)))).digest;
  const one = await digest({ 'data/a': '1', 'data/b': '2' });
  expect(await digest({ 'data/b': '2', 'data/a': '1' })).toBe(one);
  expect(await digest({ 'other/b': '2', 'other/a': '1' }, 'other')).toBe(one);
  expect(await digest({ 'data/a': '2', 'data/b': '1' })).not.toBe(one);
});

it.each([
  ['"../data"', 'must name a folder below the function\'s own, such as "data", not "../data"'],
  ['"."', 'must name a folder below the function\'s own, such as "data", not "."'],
  ['"/etc"', 'must name a folder below the function\'s own, such as "data", not "/etc"'],
  ['"none"', 'names "none", which is not there'],
  ['"hello.wasm"', 'names "hello.wasm", which is no folder'],
  ['1', 'must be a string'],
])('refuses assets = %s', async (assets, why) => {
  const error = await failureOf(build(await component({}, CONFIG.replace('"data"', assets))));
  expect([error.code, error.message]).toEqual(['manifest-invalid', `brink.toml: component.assets ${why}.`]);
});

it('takes a link to a file of the folder, and refuses one that leads out, nowhere, or to a folder', async () => {
  const dir = await component({ 'data/a.txt': 'a', 'secret.txt': 'no' });
  await symlink('a.txt', join(dir, 'data/b.txt'));
  expect(moduleText(await build(dir), 'index.js')).toContain('[["a.txt", file0], ["b.txt", file0]]');
  for (const [target, why] of [
    ['../secret.txt', 'has z, a link that leads out of the folder; copy the file'],
    ['/etc/hostname', 'has z, a link that leads out of the folder; copy the file'],
    ['none', 'has z, a link that leads nowhere'],
    ['..', 'has z, a link that leads out of the folder; copy the file'],
  ] as const) {
    const other = await component({ 'data/a.txt': 'a', 'secret.txt': 'no' });
    await symlink(target, join(other, 'data/z'));
    expect((await failureOf(build(other))).message).toBe(`brink.toml: component.assets ${why}.`);
  }
  await put(dir, 'data/deep/c.txt', 'c');
  await symlink('deep', join(dir, 'data/z'));
  expect((await failureOf(build(dir))).message).toContain('has z, a link to a folder, which is not followed');
});

it('refuses a folder that is itself a link out of the function', async () => {
  const dir = await component({ 'x/a.txt': 'a' });
  await symlink('/etc', join(dir, 'data'));
  expect((await failureOf(build(dir))).message).toContain('names "data", a link that leads out of the function\'s folder');
});

it('refuses what is too large, before it reads it, and too many files', async () => {
  const dir = await component({ 'data/large.bin': '' });
  await truncate(join(dir, 'data/large.bin'), ARTIFACT_MAX_BYTES + 1);
  expect(await failureOf(build(dir))).toMatchObject({ code: 'artifact-too-large', details: { key: 'component.assets' } });
  const many = await component(Object.fromEntries(Array.from({ length: MAX_ASSETS + 1 }, (_, index) => [`data/${index}`, ''])));
  expect((await failureOf(build(many))).message).toContain(`has more than ${MAX_ASSETS} files`);
});

it('refuses them for source code, and names the key where it is misspelt', async () => {
  const source = await project({
    'brink.toml': 'main = "a.ts"\n[component]\nassets = "data"\n',
    'a.ts': 'export default {}',
    'data/a': '',
  });
  expect((await failureOf(build(source))).message).toContain('component.assets is for WebAssembly components');
  const misspelt = await failureOf(build(await component({}, CONFIG.replace('assets', 'asset'))));
  expect(misspelt.message).toContain('Did you mean "assets"?');
});
