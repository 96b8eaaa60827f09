import { describe, expect, it } from 'vitest';
import { build, failureOf, project, type Files } from './project.ts';

const FAILURES: readonly [what: string, files: Files, place: string | null, message: RegExp][] = [
  [
    'a syntax error',
    { 'src/index.ts': 'const a = 1;\nexport default {\n  fetch() { return a +; },\n};\n' },
    'src/index.ts:3:23',
    /Unexpected ";"/,
  ],
  ['a syntax error after letters outside ASCII', { 'index.js': 'const ü = "日本"; const 1;' }, 'index.js:1:23', /Expected identifier/],
  ['a missing file', { 'index.js': "\nimport './lib/nothing.js';" }, 'index.js:2:8', /The import "\.\/lib\/nothing\.js" cannot be found/],
  [
    'a package that is not installed',
    { 'index.js': "import x from 'no-such-package'; export default x;" },
    'index.js:1:15',
    /"no-such-package" cannot be found.*npm install/,
  ],
  [
    'a name that a module does not export',
    { 'index.js': "import { b } from './a.js'; export default b;", 'a.js': 'export const a = 1;' },
    'index.js:1:10',
    /No matching export/,
  ],
  [
    'a module of Node without its flag',
    { 'index.js': "import fs from 'fs'; export default fs;" },
    'index.js:1:16',
    /"fs" is a module of Node\. Add compatibility_flags = \["nodejs_compat"\]/,
  ],
  [
    'a prefixed module of Node without its flag',
    { 'index.js': "export * from 'node:path';", 'brink.toml': '' },
    'index.js:1:15',
    /nodejs_compat.* to brink\.toml/,
  ],
  [
    'a kind of file that no rule names',
    { 'index.js': "import a from './a.svg'; export default a;", 'a.svg': '<svg/>' },
    'index.js:1:15',
    /No rule says what "\.svg" files are/,
  ],
  ['broken JSON', { 'index.js': "import a from './a.json'; export default a;", 'a.json': '{"a": }' }, 'a.json:1:7', /Unexpected "}"/],
  [
    'a broken package',
    { 'index.js': "import 'p';", 'node_modules/p/index.js': 'let 1' },
    'node_modules/p/index.js:1:5',
    /Expected ";" but found "1"/,
  ],
  [
    'a define that is no expression',
    { 'index.js': '', 'brink.toml': 'define = { A = "b c(" }' },
    null,
    /^brink\.toml: Invalid define value/,
  ],
  [
    'an alias that is no package name',
    { 'index.js': '', 'brink.toml': 'alias = { "./a" = "b" }' },
    null,
    /^brink\.toml: Invalid alias name/,
  ],
];

it.each(FAILURES)('tells the place of %s', async (_what, files, place, message) => {
  const error = await failureOf(build(await project(files)));
  expect(error.message).toMatch(message);
  expect(error.code).toBe('build-failed');
  if (place === null) return;
  const [file, line, column] = place.split(':');
  expect(error.details).toMatchObject({ file, line: Number(line), column: Number(column) });
  expect(error.message.startsWith(`${place}: `)).toBe(true);
});

describe('the message', () => {
  it('has a frame whose mark stands under the error', async () => {
    const error = await failureOf(build(await project({ 'index.js': 'const a = 1;\nconst é = oops oops;\n' })));
    const [, row, mark] = String(error.details?.['frame']).split('\n');
    expect(row).toBe('> 2 | const é = oops oops;');
    expect(mark!.indexOf('^')).toBe(row!.lastIndexOf('oops'));
    expect(error.message).toContain(String(error.details?.['frame']));
  });

  it('holds no stack, no machine path and no word of the bundler', async () => {
    const dir = await project({ 'index.js': "import './a.js'; import 'nope';", 'a.js': 'let let' });
    const { message, details } = await failureOf(build(dir));
    expect(message + JSON.stringify(details)).not.toMatch(/esbuild|\n\s+at |plugin/);
    expect(message + JSON.stringify(details)).not.toContain(dir);
  });

  it('lists every error in its details, and counts them', async () => {
    const error = await failureOf(build(await project({ 'index.js': "import './a.js';\nimport './b.js';\nimport './c.js';" })));
    expect(error.details?.['errors']).toMatchObject([{ line: 1 }, { line: 2 }, { line: 3 }]);
    expect(error.message).toMatch(/2 more errors\.$/);
  });
});
