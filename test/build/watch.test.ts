import { writeFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Built } from '../../host/build/build.ts';
import { readConfig, type ConfigOptions } from '../../host/build/config.ts';
import { watchFunction } from '../../host/build/watch.ts';
import { BrinkError } from '../../host/errors.ts';
import { project, put } from './project.ts';

/** Watches a project; `next()` waits for the build after those already taken. */
async function watching(dir: string, options: ConfigOptions = {}) {
  const results: (Built | BrinkError)[] = [];
  let taken = 0;
  let wake = () => {};
  const watcher = await watchFunction(await readConfig(dir, options), (result) => {
    results.push(result);
    wake();
  });
  onTestFinished(() => watcher.stop());
  return {
    stop: () => watcher.stop(),
    results,
    async next(): Promise<Built | BrinkError> {
      while (results.length <= taken) await new Promise<void>((resolve) => (wake = resolve));
      return results[taken++]!;
    },
  };
}

function codeOf(result: Built | BrinkError): string {
  if (result instanceof BrinkError) return result.code;
  return new TextDecoder().decode(result.artifact.modules['index.js']!.bytes);
}

it('builds at once, and again when a source changes that the build read', async () => {
  const dir = await project({ 'index.js': "export { a } from './lib/a.js';", 'lib/a.js': 'export const a = "first";' });
  const watch = await watching(dir);
  expect(codeOf(await watch.next())).toContain('"first"');
  await put(dir, 'lib/a.js', 'export const a = "second";');
  expect(codeOf(await watch.next())).toContain('"second"');
});

it('follows what the sources import', async () => {
  const dir = await project({ 'index.js': 'export const a = 0;', 'deep/down/t.txt': 'one' });
  const watch = await watching(dir);
  await watch.next();
  await put(dir, 'index.js', "export { default } from './deep/down/t.txt';");
  const before = await watch.next();
  await put(dir, 'deep/down/t.txt', 'two');
  expect(codeOf(await watch.next())).not.toBe(codeOf(before));
});

it('goes on after a failed build, and after the file that an import missed is made', async () => {
  const dir = await project({ 'index.js': 'export const a = 0;' });
  const watch = await watching(dir);
  await watch.next();
  await put(dir, 'index.js', 'export const a = ;');
  expect(codeOf(await watch.next())).toBe('build-failed');
  await put(dir, 'index.js', "export { b } from './new/b.js';");
  expect(codeOf(await watch.next())).toBe('build-failed');
  await put(dir, 'new/b.js', 'export const b = "made";');
  let last = await watch.next();
  while (last instanceof BrinkError) last = await watch.next();
  expect(codeOf(last)).toContain('"made"');
});

it('starts where the first build fails', async () => {
  const dir = await project({ 'index.js': 'let 1' });
  const watch = await watching(dir);
  expect(codeOf(await watch.next())).toBe('build-failed');
  await put(dir, 'index.js', 'export const a = "good";');
  expect(codeOf(await watch.next())).toContain('"good"');
});

it('reads the config again when it changes, and names what is wrong with it', async () => {
  const dir = await project({ 'index.js': 'export const a = A;', 'brink.toml': 'define = { A = "1" }' });
  const watch = await watching(dir);
  expect(codeOf(await watch.next())).toContain('a = 1');
  await put(dir, 'brink.toml', 'defne = {}');
  expect(codeOf(await watch.next())).toBe('manifest-unknown-key');
  await put(dir, 'brink.toml', 'define = { A = "2" }');
  expect(codeOf(await watch.next())).toContain('a = 2');
});

it('reads .dev.vars again', async () => {
  const dir = await project({ 'index.js': 'export default {}', '.dev.vars': 'A=1' });
  const watch = await watching(dir, { devVars: true });
  expect(await watch.next()).toMatchObject({ artifact: { manifest: { vars: { A: '1' } } } });
  await put(dir, '.dev.vars', 'A=2');
  expect(await watch.next()).toMatchObject({ artifact: { manifest: { vars: { A: '2' } } } });
});

it('sees a file that an editor replaces by renaming', async () => {
  const dir = await project({ 'index.js': 'export const a = 1;' });
  const watch = await watching(dir);
  await watch.next();
  for (const value of ['"second"', '"third"']) {
    await put(dir, 'index.js.tmp', `export const a = ${value};`);
    await rename(join(dir, 'index.js.tmp'), join(dir, 'index.js'));
    expect(codeOf(await watch.next())).toContain(value);
  }
});

it('says that the main module is gone, and builds when it is back', async () => {
  const dir = await project({ 'src/index.js': 'export const a = 1;' });
  const watch = await watching(dir);
  await watch.next();
  await rm(join(dir, 'src/index.js'));
  expect(['main-missing', 'build-failed']).toContain(codeOf(await watch.next()));
  await put(dir, 'src/index.js', 'export const a = "back";');
  expect(codeOf(await watch.next())).toContain('"back"');
});

it('makes one build of many changes at once', async () => {
  const dir = await project({ 'index.js': "export * from './a.js';", 'a.js': 'export const a = 0;' });
  const watch = await watching(dir);
  await watch.next();
  // In one turn, in which nothing can be built.
  for (let value = 1; value <= 50; value++) writeFileSync(join(dir, 'a.js'), `export const a = ${value};`);
  let last = await watch.next();
  while (!codeOf(last).includes('a = 50')) last = await watch.next();
  expect(watch.results.length).toBeLessThan(10);
});

it('reports nothing after stop', async () => {
  const dir = await project({ 'index.js': 'export const a = 1;' });
  const watch = await watching(dir);
  await watch.next();
  await put(dir, 'index.js', 'export const a = 2;');
  await watch.stop();
  const reported = watch.results.length;
  await put(dir, 'index.js', 'export const a = 3;');
  const other = await watching(dir);
  await other.next();
  expect(watch.results.length).toBe(reported);
});

it("sees a component's files: one that changes, a new one, one that goes, and those of a new folder", async () => {
  const wasm = await readFile(new URL('../component/guests/p2-hello.wasm', import.meta.url));
  const dir = await project({ 'brink.toml': 'main = "a.wasm"\n[component]\nassets = "data"\n', 'a.wasm': wasm, 'data/a.txt': 'a' });
  const watch = await watching(dir);
  const files = async () => {
    const built = await watch.next();
    if (built instanceof BrinkError) throw built;
    return Object.entries(built.artifact.modules).flatMap(([name, { bytes }]) =>
      name.startsWith('assets/') ? [`${name.slice(24)}: ${new TextDecoder().decode(bytes)}`] : [],
    );
  };
  expect(await files()).toEqual(['a.txt: a']);
  await put(dir, 'data/a.txt', 'b');
  expect(await files()).toEqual(['a.txt: b']);
  await put(dir, 'data/c.txt', 'c');
  expect(await files()).toEqual(['a.txt: b', 'c.txt: c']);
  await rm(join(dir, 'data/a.txt'));
  expect(await files()).toEqual(['c.txt: c']);
  await mkdir(join(dir, 'data/deep'));
  await files();
  await put(dir, 'data/deep/d.txt', 'd');
  expect(await files()).toEqual(['c.txt: c', 'd.txt: d']);
});
