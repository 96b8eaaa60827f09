import { describe, expect, it } from 'vitest';
import { buildFunction } from '../../host/build/build.ts';
import { readConfig } from '../../host/build/config.ts';
import { build, failureOf, moduleText, project, WASM, type Files } from '../build/project.ts';

const MODULE = 'export default { fetch() { return new Response("hi") } };';

const REFUSED: readonly [what: string, files: Files, code: string, message: RegExp][] = [
  [
    'service-worker syntax',
    {
      'wrangler.toml': 'name = "old"\nmain = "index.js"',
      'index.js': '\naddEventListener("fetch", (event) => {\n  event.respondWith(new Response(NAME));\n});\n',
    },
    'handlers-missing',
    /^index\.js:2:1: .*service-worker syntax.*export default \{ fetch\(request, env, ctx\)[^]*> 2 \| addEventListener/,
  ],
  [
    'service-worker syntax inside a package',
    {
      'index.js': "import { serve } from 'serve';\nexport const app = serve(() => new Response('hi'));",
      'node_modules/serve/index.js': "export function serve(handler) {\n  self.addEventListener('fetch', handler);\n}",
    },
    'handlers-missing',
    /^node_modules\/serve\/index\.js:2:8: /,
  ],
  [
    'a config of wrangler 1',
    { 'wrangler.toml': 'name = "old"\ntype = "webpack"\nwebpack_config = "w.js"' },
    'manifest-unknown-key',
    /key type .*main = /,
  ],
  [
    'Python',
    { 'wrangler.jsonc': '{ "name": "py", "main": "src/entry.py" }', 'src/entry.py': '' },
    'config-invalid',
    /src\/entry\.py.*Python/,
  ],
  [
    'static assets',
    {
      'wrangler.jsonc': '{ "name": "a", "main": "index.js", "assets": { "directory": "public", "binding": "ASSETS" } }',
      'index.js': MODULE,
    },
    'binding-unsupported',
    /^wrangler\.jsonc: assets \(ASSETS\) cannot be used/,
  ],
  [
    'a Durable Object',
    {
      'wrangler.toml':
        'name = "chat"\nmain = "index.js"\n[[durable_objects.bindings]]\nname = "ROOMS"\nclass_name = "Room"\n[[migrations]]\ntag = "v1"',
      'index.js': MODULE,
    },
    'binding-unsupported',
    /durable_objects \(ROOMS\)/,
  ],
  [
    'a main that a build command would make',
    { 'wrangler.toml': 'name = "rust"\nmain = "build/worker/shim.mjs"\n[build]\ncommand = "worker-build --release"' },
    'main-missing',
    /run it first: worker-build --release/,
  ],
];

describe('what does not run here is refused when it is read or built', () => {
  it.each(REFUSED)('%s', async (_what, files, code, message) => {
    const failure = await failureOf(project(files).then((dir) => build(dir)));
    expect(failure.code).toBe(code);
    expect(failure.message).toMatch(message);
  });

  it('each binding that is not there is named at once, with its key', async () => {
    const dir = await project({
      'wrangler.json': JSON.stringify({
        name: 'auth',
        main: 'index.js',
        hyperdrive: [{ binding: 'USERS', id: '1' }],
        ai: { binding: 'MODEL' },
        browser: null,
        vectorize: [],
      }),
      'index.js': MODULE,
    });
    const { message, details } = await failureOf(build(dir));
    for (const name of ['USERS', 'MODEL']) expect(message).toContain(name);
    expect(message).not.toContain('vectorize');
    expect(details).toEqual({
      key: 'hyperdrive',
      bindings: ['USERS'],
      others: [{ key: 'ai', bindings: ['MODEL'] }],
      file: 'wrangler.json',
    });
  });
});

describe('what is taken as wrangler takes it', () => {
  it('a module that listens for events beside its default export', async () => {
    const built = await build(await project({ 'index.js': `addEventListener('fetch', () => {});\n${MODULE}` }));
    expect(built.artifact.mainModule).toBe('index.js');
  });

  it('wasm of a package that its exports do not name', async () => {
    const dir = await project({
      'index.js':
        "import open from '@scope/sums/open.wasm'; import hidden from '@scope/sums/lib/hidden.wasm'; export default [open, hidden];",
      'node_modules/@scope/sums/package.json': '{ "name": "@scope/sums", "exports": { "./open.wasm": "./lib/open.wasm" } }',
      'node_modules/@scope/sums/lib/open.wasm': WASM,
      'node_modules/@scope/sums/lib/hidden.wasm': new Uint8Array([...WASM, 0, 1, 0]),
    });
    const { modules } = (await build(dir)).artifact;
    const wasm = Object.values(modules).filter(({ type }) => type === 'wasm');
    expect(wasm.map(({ bytes }) => bytes.byteLength).sort((a, b) => a - b)).toEqual([8, 11]);
  });

  it('import() of a module of Node without its flag, which fails where it is called', async () => {
    const built = await build(await project({ 'index.js': "export default { fetch: () => import('node:fs/promises') };" }));
    expect(moduleText(built, 'index.js')).toContain('import("node:fs/promises")');
  });

  it('modules of Node that are newer than the date: the artifact asks for those that it imports', async () => {
    const flags = async (config: string, source: string) => {
      const dir = await project({ 'wrangler.toml': `name = "n"\nmain = "index.js"\n${config}`, 'index.js': source });
      return (await build(dir)).artifact.manifest.compatibility_flags;
    };
    const source = "import { hostname } from 'os'; import 'node:path'; export default { fetch: () => hostname() };";
    const compat = 'compatibility_flags = ["nodejs_compat"]';
    expect(await flags(`${compat}\ncompatibility_date = "2024-10-11"`, source)).toEqual(['nodejs_compat', 'enable_nodejs_os_module']);
    expect(await flags(`${compat}\ncompatibility_date = "2025-10-11"`, source)).toEqual(['nodejs_compat']);
    const off = 'compatibility_flags = ["nodejs_compat", "disable_nodejs_os_module"]\ncompatibility_date = "2024-10-11"';
    expect(await flags(off, source)).toEqual(['nodejs_compat', 'disable_nodejs_os_module']);
  });

  it('a date that no workerd has reached yet, with a warning', async () => {
    const dir = await project({ 'wrangler.jsonc': '{ "name": "new", "compatibility_date": "2999-01-01" }', 'src/index.ts': MODULE });
    const config = await readConfig(dir);
    expect(config.manifest.compatibility_date < '2999').toBe(true);
    expect((await buildFunction(config)).warnings).toEqual([expect.stringMatching(/^wrangler\.jsonc: compatibility_date is later/)]);
  });
});
