import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../host/registry/parse-manifest.ts';
import { build, failureOf, moduleText, project, type Files } from './project.ts';

const MAIN = { 'index.js': 'export default { fetch: () => new Response() }' };
const DOCUMENT = { openapi: '3.1.0', info: { title: 'Things', version: '1' }, paths: { '/things': { get: { responses: {} } } } };

function described(files: Files, openapi: unknown = 'openapi.yaml'): Promise<string> {
  return project({ ...MAIN, 'brink.json': JSON.stringify({ name: 'hello', main: 'index.js', openapi }), ...files });
}

const built = (dir: string) => build(join(dir, 'brink.json'));

describe('the OpenAPI document of a function', () => {
  it.each<[string, string, string]>([
    ['JSON', 'openapi.json', JSON.stringify(DOCUMENT)],
    ['YAML', 'openapi.yaml', 'openapi: "3.1.0"\ninfo: { title: Things, version: "1" }\npaths:\n  /things: { get: { responses: {} } }\n'],
    ['YAML with anchors', 'docs/a.yml', 'openapi: 3.1.0\ninfo: { title: Things, version: "1" }\nx-a: &a { responses: {} }\npaths: { /things: { get: { <<: *a } } }\n'],
  ])('is a module of its artifact that no cell sees, and was %s', async (_what, file, text) => {
    const dir = await described({ [file]: text }, file);
    const whole = await built(dir);
    expect(whole.artifact.modules['openapi/document.json']!.type).toBe('openapi');
    expect(JSON.parse(moduleText(whole, 'openapi/document.json'))).toMatchObject(DOCUMENT);
    expect(whole.artifact.manifest.openapi).toEqual({ file });
    expect(whole.inputs).toContain(join(dir, file));
    expect((await built(dir)).digest).toBe(whole.digest);
  }); // prettier-ignore

  it('of 3.0 is built as one of 3.1, and its author hears of it', async () => {
    const whole = await built(await described({ 'openapi.yaml': 'openapi: 3.0.1\ninfo: { title: a, version: "1" }\npaths: {}\n' }));
    expect(whole.warnings).toEqual(['openapi.yaml is of OpenAPI 3.0.1, and is kept as 3.1.1.']);
    expect(JSON.parse(moduleText(whole, 'openapi/document.json'))).toMatchObject({ openapi: '3.1.1' });
  });

  it('is none of the artifact where the function gives it itself', async () => {
    const whole = await built(await described({}, { path: '/openapi.json' }));
    expect(Object.keys(whole.artifact.modules)).not.toContain('openapi/document.json');
  });

  const bomb = `openapi: 3.1.0\ninfo: { title: a, version: "1" }\npaths: {}\nx0: &x0 [a, a]\n${Array.from({ length: 30 }, (_, n) => `x${n + 1}: &x${n + 1} [*x${n}, *x${n}]\n`).join('')}`;

  it.each<[why: string, files: Files, code: string, message: RegExp]>([
    ['a file that is not there', {}, 'config-invalid', /OpenAPI document openapi\.yaml is not there/],
    ['what is no YAML', { 'openapi.yaml': 'a: [' }, 'openapi-invalid', /^openapi\.yaml:1:5 is no YAML: /],
    ['a document with a fault', { 'openapi.yaml': 'openapi: 3.1.0\npaths: {}\n' }, 'openapi-invalid', /^openapi\.yaml: # lacks "info"/],
    ['a number where text is to be', { 'openapi.yaml': 'openapi: 3.1.0\ninfo: { title: a, version: 1.0 }\npaths: {}\n' }, 'openapi-invalid', /#\/info\/version must be a text/],
    ['lines that would be gigabytes', { 'openapi.yaml': bomb }, 'openapi-invalid', /cannot be read/],
  ])('is refused: %s', async (_why, files, code, message) => {
    expect(await failureOf(built(await described(files)))).toMatchObject({ code, message: expect.stringMatching(message) as string });
  }); // prettier-ignore

  it('is refused where it is a link that leads out of the folder', async () => {
    const dir = await described({});
    await symlink('/etc/hostname', join(dir, 'openapi.yaml'));
    expect(await failureOf(built(dir))).toMatchObject({
      code: 'config-invalid',
      message: expect.stringContaining('lies outside') as string,
    });
  });
});

describe('parseManifest() of openapi', () => {
  it.each<[unknown, unknown]>([
    ['docs/openapi.yml', { file: 'docs/openapi.yml' }],
    [{ file: 'openapi.json' }, { file: 'openapi.json' }],
    [
      { path: '/openapi.json', timeout_ms: 100 },
      { path: '/openapi.json', timeout_ms: 100 },
    ],
  ])('takes %j', (openapi, expected) => {
    const manifest = parseManifest({ name: 'hello', openapi });
    expect(manifest.openapi).toEqual(expected);
    expect(parseManifest(manifest)).toEqual(manifest);
  });

  it.each<[unknown, RegExp]>([
    ['openapi.txt', /openapi\.file does not end in \.json, \.yaml or \.yml/],
    ['../openapi.json', /openapi\.file is not a path below/],
    [{}, /openapi needs either file or path/],
    [{ file: 'a.json', path: '/a' }, /openapi needs either file or path/],
    [{ path: 'a' }, /openapi\.path is not a path/],
    [{ file: 'a.json', timeout_ms: 1 }, /openapi\.timeout_ms goes with path alone/],
    [{ fil: 'a.json' }, /openapi\.fil is not known\. Did you mean "file"\?/],
    [true, /openapi must be the name of a file, or a table/],
  ])('refuses %j', (openapi, message) => expect(() => parseManifest({ name: 'hello', openapi })).toThrow(message));
});
