import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../host/build/config.ts';
import { DEFAULT_COMPATIBILITY_DATE } from '../../host/registry/manifest-schema.ts';
import { project } from './project.ts';

const SOURCE = 'export default { fetch() { return new Response() } }';

describe('which config is read', () => {
  it('takes brink.toml before wrangler files', async () => {
    const dir = await project({
      'index.js': SOURCE,
      'brink.toml': 'name = "b"',
      'wrangler.toml': 'name = "w"',
      'wrangler.json': '{"name": "j"}',
    });
    const config = await readConfig(dir);
    expect([config.file, config.manifest.name, config.dir]).toEqual(['brink.toml', 'b', dir]);
  });

  it.each([
    ['wrangler.toml', 'name = "w"\nmain = "index.js"'],
    ['wrangler.json', '{ "name": "w", /* c */ "main": "index.js", }'],
    ['wrangler.jsonc', '\uFEFF// comment\n{ "name": "w", "main": "./index.js" }'],
  ])('reads %s', async (file, text) => {
    const dir = await project({ 'index.js': SOURCE, [file]: text });
    const config = await readConfig(dir);
    expect([config.file, config.manifest.name, config.main]).toEqual([file, 'w', join(dir, 'index.js')]);
  });

  it('takes a config file by its path', async () => {
    const dir = await project({ 'index.js': SOURCE, 'brink.toml': 'name = "b"', 'other.toml': 'name = "o"' });
    expect((await readConfig(join(dir, 'other.toml'))).manifest.name).toBe('o');
  });

  it('needs no config: the folder names the function, and src/index.ts comes first', async () => {
    const dir = await project({ 'src/index.ts': SOURCE, 'index.js': SOURCE }, 'shop');
    const config = await readConfig(dir);
    expect([config.file, config.manifest.name, config.main]).toEqual([null, 'shop', join(dir, 'src/index.ts')]);
    expect(config.manifest.compatibility_date).toBe(DEFAULT_COMPATIBILITY_DATE);
  });

  it.each([
    ['hello.js', 'hello'],
    ['My Greeter_2.ts', 'my-greeter-2'],
    ['a--b.mjs', 'a-b'],
    ['index.ts', 'folder'],
    ['src/index.ts', 'folder'],
    ['…​.js', 'function'],
  ])('takes the single file %s as the function %s', async (file, name) => {
    const dir = await project({ [file]: SOURCE }, 'folder');
    const config = await readConfig(join(dir, file));
    expect([config.manifest.name, config.main, config.file]).toEqual([name, join(dir, file), null]);
  });
});

describe("wrangler's keys", () => {
  it('reads what the build needs, and ignores what only concerns deployment', async () => {
    const dir = await project({
      'worker.js': SOURCE,
      'wrangler.toml': `
        name = "w"
        main = "worker.js"
        account_id = "x"
        workers_dev = true
        minify = true
        kv_namespaces = []
        limits = { cpu_ms = 50 }
        tsconfig = "ts.json"
        jsx_factory = "h"
        define = { A = "1" }
        alias = { a = "b" }
        routes = [{ pattern = "example.com/*", zone_name = "example.com" }]
        [observability]
        enabled = true
        [[rules]]
        type = "Text"
        globs = ["**/*.md"]`,
    });
    const { build, manifest, warnings } = await readConfig(dir);
    expect(build).toMatchObject({
      define: { A: '1' },
      alias: { a: 'b' },
      rules: [{ type: 'Text', globs: ['**/*.md'], fallthrough: false }],
      tsconfig: 'ts.json',
      jsxFactory: 'h',
      jsxFragment: null,
      assets: null,
    });
    expect(manifest.routes).toEqual([{ pattern: 'example.com/*', strip: false, alias: 'live' }]);
    expect(manifest.limits).toEqual({ deadline_ms: 30_000, cpu_ms: 50 });
    expect(warnings).toEqual([]);
  });

  it('warns of what an author may count on', async () => {
    const dir = await project({
      'index.js': SOURCE,
      'brink.toml': 'find_additional_modules = true\nbuild.command = "make"\nvars = { KEY = "1" }\nsecrets.required = ["KEY", "TOKEN"]',
    });
    const { warnings, manifest } = await readConfig(dir);
    expect(warnings).toHaveLength(2);
    expect(warnings.join()).toMatch(/build\.command.*find_additional_modules/);
    expect(manifest.secrets).toEqual({ required: ['KEY', 'TOKEN'] });
  });

  it('asks no host for secrets that has none, and warns of those that no var stands in for', async () => {
    const dir = await project({ 'index.js': SOURCE, 'brink.toml': 'vars = { KEY = "1" }\nsecrets.required = ["KEY", "TOKEN"]' });
    const { warnings, manifest } = await readConfig(dir, { secretsAsVars: true });
    expect(warnings).toEqual([expect.stringContaining('names TOKEN,')]);
    expect(manifest).not.toHaveProperty('secrets');
  });
});

describe('environments', () => {
  const TOML = `
    name = "w"
    main = "index.js"
    compatibility_date = "2025-01-01"
    vars = { A = "top" }
    route = "top.example.com/*"
    [env.staging]
    routes = ["staging.example.com/*"]
    [env.named]
    name = "other"
    vars = { B = "named" }`;

  it.each([
    [undefined, 'w', { A: 'top' }, 'top.example.com/*'],
    ['staging', 'w-staging', {}, 'staging.example.com/*'],
    ['named', 'other', { B: 'named' }, 'top.example.com/*'],
  ])('takes %s as wrangler does', async (env, name, vars, pattern) => {
    const dir = await project({ 'index.js': SOURCE, 'wrangler.toml': TOML });
    const { manifest } = await readConfig(dir, env === undefined ? {} : { env });
    expect([manifest.name, manifest.vars, manifest.routes[0]?.pattern, manifest.compatibility_date]).toEqual([
      name,
      vars,
      pattern,
      '2025-01-01',
    ]);
  });
});

describe('options', () => {
  it('puts vars over .dev.vars, over the config', async () => {
    const dir = await project({
      'index.js': SOURCE,
      'brink.toml': 'vars = { A = "config", B = "config", C = "config" }',
      '.dev.vars': '# comment\nB="dev"\nC=dev\nexport D=\'d\'\n',
    });
    const { manifest } = await readConfig(dir, { devVars: true, vars: { C: 'option' } });
    expect(manifest.vars).toEqual({ A: 'config', B: 'dev', C: 'option', D: 'd' });
  });

  it('reads no .dev.vars unless asked, so that its secrets are not published', async () => {
    const dir = await project({ 'index.js': SOURCE, '.dev.vars': 'SECRET=1' });
    expect((await readConfig(dir)).manifest.vars).toEqual({});
  });

  it('replaces capabilities.outbound', async () => {
    const dir = await project({ 'index.js': SOURCE, 'brink.toml': 'capabilities.outbound = ["a.example"]' });
    expect((await readConfig(dir)).manifest.capabilities.outbound).toEqual(['a.example']);
    expect((await readConfig(dir, { outbound: [] })).manifest.capabilities.outbound).toEqual([]);
  });
});
