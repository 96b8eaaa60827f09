import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { policyWat } from '../policy-wat.ts';
import { build, failureOf, moduleText, project, WASM, type Files } from './project.ts';

const MAIN = { 'index.js': 'export default { fetch: () => new Response() }' };
const policy = () => policyWat({ 'a/b': { results: '[]' }, 'a/c': { results: '[]' } });

function withPolicies(files: Files, ...rules: readonly object[]): Promise<string> {
  const gateway = rules.map((rule) => ({ policy: rule }));
  return project({ ...MAIN, 'brink.json': JSON.stringify({ name: 'hello', main: 'index.js', gateway }), ...files });
}

const built = (dir: string) => build(join(dir, 'brink.json'));

describe('the policies of a function', () => {
  it('are modules of its artifact, each once, with what asks them', async () => {
    const dir = await withPolicies(
      { 'rules/p.wasm': await policy(), 'd.json': '{"a":1}' },
      { module: 'rules/p.wasm', entrypoint: 'a/b' },
      { module: 'rules/p.wasm', entrypoint: 'a/c' },
      { module: 'rules/p.wasm', entrypoint: 'a/b', data: 'd.json' },
    );
    const whole = await built(dir);
    const { modules } = whole.artifact;
    expect(
      Object.keys(modules)
        .filter((name) => name.startsWith('policy/'))
        .toSorted(),
    ).toEqual(['policy/d.json', 'policy/main.js', 'policy/rules/p.wasm', 'policy/runtime.js']);
    expect(moduleText(whole, 'policy/main.js')).toBe(`import { servePolicies } from './runtime.js';
import module0 from './rules/p.wasm';
import module1 from './rules/p.wasm';
import data1 from './d.json';
export default servePolicies([
  { id: "rules/p.wasm", pages: 5, entrypoints: ["a/b","a/c"], module: module0 },
  { id: "rules/p.wasm d.json", pages: 5, entrypoints: ["a/b"], module: module1, data: data1 },
]);
`);
    expect(whole.inputs).toContain(join(dir, 'rules/p.wasm'));
    expect(whole.inputs).toContain(join(dir, 'd.json'));
    expect((await built(dir)).digest).toBe(whole.digest);
  });

  it('are not there where no rule asks any', async () => {
    const whole = await build(await project(MAIN));
    expect(Object.keys(whole.artifact.modules).filter((name) => name.startsWith('policy/'))).toEqual([]);
  });

  it.each<[why: string, files: () => Promise<Files>, code: string, message: RegExp]>([
    ['a file that is not there', async () => ({}), 'config-invalid', /policy's file p\.wasm is not there/],
    ['text', async () => ({ 'p.wasm': 'package brink' }), 'build-failed', /p\.wasm is no WebAssembly module/],
    ['a module with a memory of its own', async () => ({ 'p.wasm': WASM }), 'build-failed', /p\.wasm does not import its memory/],
    ['data that is no JSON', async () => ({ 'p.wasm': await policy(), 'd.json': '{' }), 'build-failed', /d\.json is no JSON/],
  ])('are refused: %s', async (_why, files, code, message) => {
    const dir = await withPolicies(await files(), { module: 'p.wasm', data: 'd.json' });
    expect(await failureOf(built(dir))).toMatchObject({ code, message: expect.stringMatching(message) as string });
  });

  it('are not read from outside of the folder, by a link either', async () => {
    const outside = await project({ 'p.wasm': await policy() }, 'outside');
    const dir = await withPolicies({}, { module: 'p.wasm' });
    await symlink(join(outside, 'p.wasm'), join(dir, 'p.wasm'));
    expect(await failureOf(built(dir))).toMatchObject({
      code: 'config-invalid',
      message: expect.stringContaining("lies outside of the function's folder") as string,
    });
  });
});
