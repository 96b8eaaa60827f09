import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brink, serving, temporaryFolder, type Serving } from './brink.ts';

const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));
const BOOKSHOP = fileURLToPath(new URL('../../functions/bookshop', import.meta.url));
const folder = temporaryFolder();
let host: Serving;

const run = (...args: readonly string[]) => brink(args, { cwd: folder.path, env: { BRINK_HOST: host.url }, stdin: '' });
const at = (file: string) => join(folder.path, file);
const read = (file: string) => readFileSync(at(file), 'utf8');

beforeAll(async () => {
  host = await serving(['serve', '--port', '0', '--state', 'state'], { cwd: folder.path, env: {} });
  symlinkSync(MODULES, at('node_modules'));
  for (const args of [
    ['publish', BOOKSHOP],
    ['client', 'bookshop', '--out', 'bookshop.ts'],
  ]) {
    const { code, stderr } = await run(...args);
    expect(code, stderr).toBe(0);
  }
});
afterAll(async () => {
  await host.stop();
  folder.remove();
});

/** What the compiler says of a file beside the client. */
async function compiled(file: string, code: string): Promise<string> {
  writeFileSync(at(file), code);
  const options = '--noEmit --strict --exactOptionalPropertyTypes --skipLibCheck --target es2024 --lib es2024,dom,dom.iterable'.split(' ');
  const modules = '--module esnext --moduleResolution bundler --allowImportingTsExtensions --types'.split(' ');
  return promisify(execFile)(join(MODULES, '.bin/tsc'), [...options, ...modules, '', file], { cwd: folder.path }).then(
    () => '',
    ({ stdout }: { stdout: string }) => stdout,
  );
}

const GOOD = `
import { createClient, type components } from './bookshop.ts';

const shop = createClient();
const book: components['schemas']['Book'] = { isbn: '9780141439587', title: 'Emma' };
const added = await shop.POST('/books', { body: book });
const listed = await shop.GET('/books', { params: { query: { title: 'Emma' } } });
const found = await shop.GET('/books/{isbn}', { params: { path: { isbn: book.isbn } } });
const missing = await shop.GET('/books/{isbn}', { params: { path: { isbn: 'none' } } });
const titles: string[] | undefined = listed.data?.map(({ title }) => title);
const pages: number | undefined = found.data?.pages;
const error: string | undefined = missing.error?.error;
console.log(JSON.stringify({ added: added.response.status, titles, title: found.data?.title, pages, error }));
`;

const WRONG: readonly (readonly [what: string, code: string])[] = [
  ['a path that there is not', "shop.GET('/authors');"],
  ['a method that there is not', "shop.DELETE('/books');"],
  ['a path without its parameter', "shop.GET('/books/{isbn}');"],
  ['a parameter of another type', "shop.GET('/books/{isbn}', { params: { path: { isbn: 7 } } });"],
  ['a parameter that there is not', "shop.GET('/books', { params: { query: { author: 'Austen' } } });"],
  ['a body without what it needs', "shop.POST('/books', { body: { isbn: '1' } });"],
  ['no body', "shop.POST('/books');"],
  ['a property of another type', "shop.GET('/books').then(({ data }) => data?.map(({ title }) => title.toFixed()));"],
  ['a property that need not be there', "shop.GET('/books').then(({ data }) => data?.map(({ pages }) => pages + 1));"],
];

describe('brink client', () => {
  it('writes a file that names its function and version', async () => {
    const { stdout } = await run('inspect', 'bookshop@1', '--json');
    const { digest } = JSON.parse(stdout) as { digest: string };
    expect(read('bookshop.ts').split('\n')[0]).toBe(`// Made by \`brink client bookshop\` of bookshop@1, sha256:${digest}.`);
    expect(read('bookshop.ts')).toContain(`export const BASE_URL = "${host.url}/bookshop";`);
  });

  it('with which the compiler takes what is right, and refuses each of what is wrong', async () => {
    expect(await compiled('good.ts', GOOD)).toBe('');
    const wrong = WRONG.map(([what, code]) => `// ${what}\n// @ts-expect-error\nvoid ${code}\n`).join('\n');
    expect(await compiled('wrong.ts', `import { createClient } from './bookshop.ts';\nconst shop = createClient();\n${wrong}`)).toBe('');
    // And so a line that is not wrong would be noticed.
    const right = `import { createClient } from './bookshop.ts';\n// @ts-expect-error\nvoid createClient().GET('/books');\n`;
    expect(await compiled('right.ts', right)).toContain("Unused '@ts-expect-error' directive");
  });

  it('which calls the function', async () => {
    writeFileSync(at('good.ts'), GOOD);
    const { stdout } = await promisify(execFile)(process.execPath, ['good.ts'], { cwd: folder.path });
    expect(JSON.parse(stdout)).toEqual({ added: 201, titles: ['Emma'], title: 'Emma', error: 'No such book is here.' });
  });

  it('writes the same again, and --check tells what is stale', async () => {
    expect((await run('client', 'bookshop', '--out', 'bookshop.ts', '--check')).code).toBe(0);
    expect((await run('client', 'bookshop', '--out', 'bookshop.ts')).stdout).toBe('bookshop.ts is up to date\n');
    await run('client', 'bookshop', '--out', 'stale.ts');
    appendFileSync(at('stale.ts'), '\n');
    const { code, stderr } = await run('client', 'bookshop', '--out', 'stale.ts', '--check');
    expect([code, stderr]).toEqual([
      1,
      'error (failed): stale.ts is not the client of bookshop@1. Write it:  brink client bookshop --out stale.ts\n',
    ]);
    expect((await run('client', 'bookshop', '--out', 'none.ts', '--check')).code).toBe(1);
    expect(existsSync(at('none.ts'))).toBe(false);
  });

  it('takes a version and a URL, and writes to stdout', async () => {
    const { stdout } = await run('client', 'bookshop', '--from', '1', '--url', 'https://api.example.com/books/');
    expect(stdout).toBe(read('bookshop.ts').replace(`${host.url}/bookshop`, 'https://api.example.com/books'));
    const own = await run('client', 'bookshop', '--from', '1', '--json');
    expect(JSON.parse(own.stdout)).toMatchObject({
      function: 'bookshop',
      version: 1,
      source: expect.stringMatching(/\/bookshop@[0-9a-f]{12}"/) as string,
    });
  });

  it.each([
    ['a URL that is none', ['client', 'bookshop', '--url', 'books'], 'usage', 2],
    ['a check without a file', ['client', 'bookshop', '--check'], 'usage', 2],
    ['a version that there is not', ['client', 'bookshop', '--from', '7'], 'version-not-found', 1],
    ['a function that there is not', ['client', 'nothing'], 'function-not-found', 1],
  ])('refuses %s', async (_what, args, code, status) => {
    const ran = await run(...args);
    expect([ran.code, ran.stdout]).toEqual([status, '']);
    expect(ran.stderr).toContain(`error (${code}): `);
  });

  it('says what to do where a function has no document', async () => {
    writeFileSync(at('plain.ts'), "export default { fetch: () => new Response('hi') };");
    await run('publish', 'plain.ts');
    expect((await run('client', 'plain')).stderr).toContain('error (openapi-not-found): plain@1 has no OpenAPI document. Write openapi = ');
  });
});
