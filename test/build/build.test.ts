import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { describe, expect, it } from 'vitest';
import { decodeArtifact, digestOf, encodeArtifact } from '../../host/registry/artifact.ts';
import { build, failureOf, moduleText, project, run, WASM } from './project.ts';

it('makes an artifact whose bytes and digest are those of its canonical form', async () => {
  const built = await build(await project({ 'index.ts': 'export default { fetch(): Response { return new Response("hi"); } }' }));
  expect(built.bytes).toEqual(encodeArtifact(built.artifact));
  expect(built.digest).toBe(await digestOf(built.bytes));
  expect(decodeArtifact(built.bytes).mainModule).toBe('index.js');
  expect(Object.entries(built.artifact.modules).map(([name, { type }]) => [name, type])).toEqual([
    ['index.js', 'js'],
    ['index.js.map', 'map'],
  ]);
});

it("maps the bundle to the author's file, line and column", async () => {
  const dir = await project({
    'index.ts': "import { fail } from './src/fail.ts';\nexport default { fetch: fail };",
    'src/fail.ts': 'type A = 1;\n\nexport function fail(): never {\n  throw new Error("here");\n}\n',
  });
  const built = await build(dir);
  const lines = moduleText(built, 'index.js').split('\n');
  const line = lines.findIndex((text) => text.includes('throw new Error'));
  const map = JSON.parse(moduleText(built, 'index.js.map')) as { sourcesContent?: unknown };
  expect(originalPositionFor(new TraceMap(map as never), { line: line + 1, column: lines[line]!.indexOf('throw') })).toMatchObject({
    source: 'src/fail.ts',
    line: 4,
    column: 2,
  });
  expect(map.sourcesContent).toBeUndefined();
});

describe('modules that are no JavaScript', () => {
  it("become modules of their own by wrangler's rules, the same content once", async () => {
    const dir = await project({
      'src/index.ts': `
        import a from './a.wasm'; import b from './a.wasm?module'; import page from '../page.html';
        import query from './q.sql'; import data from './d.bin'; import config from './c.json'; import again from './copy/a.wasm';
        export default { a, b, page, query, data, config, again };`,
      'src/a.wasm': WASM,
      'src/copy/a.wasm': WASM,
      'page.html': '<p>ü',
      'src/q.sql': 'select 1',
      'src/d.bin': new Uint8Array([1, 2]),
      'src/c.json': '{"k": 1}',
    });
    const { artifact } = await build(dir);
    const beside = Object.entries(artifact.modules).filter(([name]) => name.startsWith('assets/'));
    expect(beside.map(([name, { type }]) => `${type} ${name.replace(/\/[0-9a-f]{16}-/, '/#-')}`).toSorted()).toEqual([
      'data assets/#-d.bin',
      'text assets/#-page.html',
      'text assets/#-q.sql',
      'wasm assets/#-a.wasm',
    ]);
    const code = new TextDecoder().decode(artifact.modules['index.js']!.bytes);
    for (const [name] of beside) expect(code).toContain(`from "./${name}"`);
    expect(code).toContain('k: 1');
    expect(artifact.modules[beside.find(([name]) => name.endsWith('.wasm'))![0]]!.bytes).toEqual(WASM);
  });

  it("takes more kinds by the config's rules, which replace the default of their type unless they fall through", async () => {
    const rule = (fallthrough: boolean) => `rules = [{ type = "Text", globs = ["**/*.md"], fallthrough = ${fallthrough} }]`;
    const files = { 'index.js': "import a from './a.md'; import b from './b.sql'; export default { a, b };", 'a.md': 'A', 'b.sql': 'B' };
    const both = await build(await project({ ...files, 'brink.toml': rule(true) }));
    expect(Object.keys(both.artifact.modules).filter((name) => name.startsWith('assets/'))).toHaveLength(2);
    const replaced = await failureOf(build(await project({ ...files, 'brink.toml': rule(false) })));
    expect(replaced.message).toMatch(/^index\.js:1:\d+: No rule says what "\.sql" files are\. .*brink\.toml/);
  });

  it('names a module so that no file name escapes or breaks its import', async () => {
    const dir = await project({ 'index.js': "import a from './we ird%23 näme.txt'; export default a;", 'we ird%23 näme.txt': 'x' });
    const { bytes } = await build(dir);
    expect(Object.keys(decodeArtifact(bytes).modules).find((name) => name.startsWith('assets/'))).toMatch(
      /^assets\/[0-9a-f]{16}-we-ird-23-n-me\.txt$/,
    );
  });
});

describe('modules of the platform', () => {
  const SOURCE = `
    import { connect } from 'cloudflare:sockets';
    import { Buffer } from 'buffer';
    import { join } from 'node:path';
    import old from './old.cjs';
    export default { connect, Buffer, join, old };`;
  const OLD = "exports.sep = require('path').sep;";

  it("leaves Node's to the platform where nodejs_compat asks for them, also those that are required", async () => {
    const dir = await project({ 'index.js': SOURCE, 'old.cjs': OLD, 'brink.toml': 'compatibility_flags = ["nodejs_compat"]' });
    const code = moduleText(await build(dir), 'index.js');
    for (const name of ['cloudflare:sockets', 'node:buffer', 'node:path']) expect(code).toMatch(new RegExp(`from "${name}"`));
    expect(code).not.toContain('Dynamic require');
  });

  it('gives a required module of Node to the code that requires it', async () => {
    const dir = await project({
      'index.js': "export { sep } from './old.cjs';",
      'old.cjs': OLD,
      'brink.toml': 'compatibility_flags = ["nodejs_compat"]',
    });
    expect((await run(dir, await build(dir)))['sep']).toMatch(/^[\\/]$/);
  });

  it('allows node:async_hooks alone with nodejs_als', async () => {
    const als = 'compatibility_flags = ["nodejs_als"]';
    const dir = await project({
      'index.js': "import { AsyncLocalStorage } from 'node:async_hooks'; export default AsyncLocalStorage;",
      'brink.toml': als,
    });
    expect(moduleText(await build(dir), 'index.js')).toContain('from "node:async_hooks"');
    const other = await project({ 'index.js': "export * from 'node:fs';", 'brink.toml': als });
    expect((await failureOf(build(other))).code).toBe('build-failed');
  });

  it('prefers a package of the same name where the flag is not set, and an alias where it is', async () => {
    const events = { 'node_modules/events/index.js': "exports.whose = 'package';", 'index.js': "export { whose } from 'events';" };
    const without = await project(events);
    expect((await run(without, await build(without)))['whose']).toBe('package');
    const aliased = await project({
      ...events,
      'mine.js': "export const whose = 'alias';",
      'brink.toml': 'compatibility_flags = ["nodejs_compat"]\nalias = { events = "./mine.js" }',
    });
    expect((await run(aliased, await build(aliased)))['whose']).toBe('alias');
  });
});

describe('what sources may use', () => {
  it('reads define, alias, package exports by the worker condition, JSON, and process.env.NODE_ENV', async () => {
    const dir = await project({
      'brink.toml': 'define = { VERSION = \'"1.2"\' }\nalias = { greet = "./lib/greet.ts" }',
      'src/index.ts': `
        import { greet } from 'greet'; import which from 'pkg'; import own from '#own'; import data from './d.json';
        declare const VERSION: string;
        export const all = [greet, which, own, data.n, VERSION, process.env.NODE_ENV];
        export const lazy = (name: string) => import(name);
        export const inner = async () => (await import('./inner.ts')).inner;`,
      'src/inner.ts': 'export const inner: number = 7;',
      'src/d.json': '{"n": 3}',
      'lib/greet.ts': "export const greet = 'hi';",
      'package.json': '{"type": "module", "imports": {"#own": "./lib/own.js"}}',
      'lib/own.js': "export default 'own';",
      'node_modules/pkg/package.json': '{"exports": {"workerd": "./workerd.js", "node": "./node.js", "default": "./default.js"}}',
      'node_modules/pkg/workerd.js': "export default 'workerd';",
      'node_modules/pkg/node.js': "export default 'node';",
      'node_modules/pkg/default.js': "export default 'default';",
    });
    const module = await run(dir, await build(dir));
    expect(module['all']).toEqual(['hi', 'workerd', 'own', 3, '1.2', 'production']);
    expect(await (module['inner'] as () => Promise<number>)()).toBe(7);
    const lazy = module['lazy'] as (name: string) => Promise<object>;
    expect(await lazy('data:text/javascript,export default 1')).toHaveProperty('default', 1);
  });

  it.each([
    ['the config', { 'brink.toml': 'jsx_factory = "h"\njsx_fragment = "F"' }],
    ['tsconfig.json', { 'tsconfig.json': '{"compilerOptions": {"jsx": "react", "jsxFactory": "h", "jsxFragmentFactory": "F"}}' }],
    [
      'a tsconfig that the config names',
      { 'brink.toml': 'tsconfig = "ts.json"', 'ts.json': '{"compilerOptions": {"jsxFactory": "h", "jsxFragmentFactory": "F"}}' },
    ],
  ])('takes JSX with the factory of %s', async (_where, files) => {
    const source = "const h = (...args) => args; const F = 'F'; export const tree = <><b x={1}>hi</b></>;";
    const dir = await project({ 'index.jsx': source, 'index.js': "export * from './index.jsx';", ...files });
    expect((await run(dir, await build(dir)))['tree']).toEqual(['F', null, ['b', { x: 1 }, 'hi']]);
  });

  it('takes CommonJS as the main module', async () => {
    const dir = await project({ 'brink.toml': 'main = "w.cjs"', 'w.cjs': 'module.exports = { fetch: () => 1 };' });
    expect((await run(dir, await build(dir)))['default']).toMatchObject({ fetch: expect.any(Function) as unknown });
  });
});

it('lists the sources for watching, and says that stylesheets are left out', async () => {
  const dir = await project({ 'index.js': "import './a.css'; import t from './t.txt'; export default t;", 'a.css': 'a {}', 't.txt': 'x' });
  const { inputs, warnings } = await build(dir);
  expect(inputs.toSorted()).toEqual(['a.css', 'index.js', 't.txt'].map((name) => `${dir}/${name}`));
  expect(warnings).toEqual(['Stylesheets that the sources import are left out.']);
});

it('refuses an artifact over the limit', async () => {
  const dir = await project({ 'index.js': "import d from './d.bin'; export default d;", 'd.bin': new Uint8Array(64 * 1024 * 1024) });
  const error = await failureOf(build(dir));
  expect([error.code, error.details?.['limit']]).toEqual(['artifact-too-large', 64 * 1024 * 1024]);
});
