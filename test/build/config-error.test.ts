import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readConfig } from '../../host/build/config.ts';
import { failureOf, project, type Files } from './project.ts';

const SOURCE = 'export default {}';

const REFUSED: readonly [what: string, files: Files, code: string, message: RegExp, details?: Record<string, unknown>][] = [
  [
    'a TOML syntax error',
    { 'brink.toml': 'name = "x"\nmain = \n' },
    'config-invalid',
    /^brink\.toml:2:\d+ is not TOML: .*\n\n.*\n> 2 \| main =/,
    { file: 'brink.toml', line: 2 },
  ],
  [
    'a JSON syntax error',
    { 'wrangler.json': '{\n "name" "x" }' },
    'config-invalid',
    /^wrangler\.json:2:9 is not JSON: colon expected/,
    { line: 2, column: 9 },
  ],
  ['an empty JSON file', { 'wrangler.jsonc': '' }, 'config-invalid', /^wrangler\.jsonc:1:1 /],
  ['JSON that is no object', { 'wrangler.json': '[1]' }, 'config-invalid', /must hold an object/],
  [
    'a misspelled key of the build',
    { 'brink.toml': 'mian = "x"' },
    'manifest-unknown-key',
    /Did you mean "main"\?/,
    { key: 'mian', nearest: 'main', file: 'brink.toml' },
  ],
  [
    'a misspelled key of the manifest',
    { 'wrangler.toml': 'compatability_date = "x"' },
    'manifest-unknown-key',
    /Did you mean "compatibility_date"\?/,
    { file: 'wrangler.toml' },
  ],
  ['a misspelled ignored key', { 'wrangler.toml': 'acount_id = "x"' }, 'manifest-unknown-key', /Did you mean "account_id"\?/],
  [
    'a binding that is not built yet',
    { 'wrangler.toml': 'workflows = [{ binding = "CACHE", name = "1", class_name = "X" }]' },
    'binding-unsupported',
    /workflows \(CACHE\)/,
    { key: 'workflows', bindings: ['CACHE'] },
  ],
  ['a main of the wrong type', { 'brink.toml': 'main = 5' }, 'manifest-invalid', /^brink\.toml: main must be a string/],
  [
    'a rule of an unknown type',
    { 'brink.toml': 'rules = [{ type = "Image", globs = [] }]' },
    'manifest-invalid',
    /rules\[0\]\.type must be one of/,
  ],
  ['vars that are no table', { 'brink.toml': 'vars = 5' }, 'manifest-invalid', /vars must be a table/],
  ['a name that is no DNS label', { 'brink.toml': 'name = "My_Function"' }, 'name-invalid', /"My_Function" cannot name a function/],
  ['a date as a variable', { 'brink.toml': 'vars = { D = 2026-01-01 }' }, 'manifest-invalid', /vars\.D is a date/],
  [
    'a missing main',
    { 'brink.toml': 'main = "src/app.ts"' },
    'main-missing',
    /"src\/app\.ts" is not there/,
    { tried: ['src/app.ts'], file: 'brink.toml' },
  ],
  ['a main that is a folder', { 'brink.toml': 'main = "src"', 'src/a.js': SOURCE }, 'main-missing', /"src" is not there/],
  [
    'a main that a build command makes',
    { 'wrangler.toml': 'main = "out.js"\nbuild.command = "npm run pack"' },
    'main-missing',
    /run it first: npm run pack/,
  ],
  ['no main at all', { 'brink.toml': '' }, 'main-missing', /src\/index\.ts, .*index\.mjs/],
  ['an empty folder', {}, 'main-missing', /^hello: /],
];

it.each(REFUSED)('refuses %s', async (_what, files, code, message, details = {}) => {
  const error = await failureOf(readConfig(await project(files)));
  expect(error.message).toMatch(message);
  expect(error.code).toBe(code);
  expect(error.details).toMatchObject(details);
});

it('refuses a folder whose name is no DNS label, where nothing else names the function', async () => {
  const error = await failureOf(readConfig(await project({ 'index.js': SOURCE }, 'My Project')));
  expect([error.code, error.details?.['key']]).toEqual(['manifest-invalid', 'name']);
});

it('refuses an environment that is not there, and names those that are', async () => {
  const dir = await project({ 'wrangler.toml': 'name = "x"\n[env.staging]\n[env.production]' });
  const error = await failureOf(readConfig(dir, { env: 'prod' }));
  expect(error.message).toMatch(/env\.prod is not there; it has staging, production/);
});

it.each(['nothing-here', 'notes.txt'])('refuses the path %s without telling where the folder lies', async (name) => {
  const dir = await project({ 'notes.txt': 'x' });
  const error = await failureOf(readConfig(join(dir, name)));
  expect(error.code).toBe('config-invalid');
  expect(error.message).toContain(name);
  expect(error.message).not.toContain(dir);
});
