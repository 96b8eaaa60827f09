import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { build, failureOf, project, put, type Files } from './project.ts';

const MAIN = { 'index.js': 'export default { fetch: () => new Response() }' };

function withFallback(fallback: object, files: Files = {}, config: object = { gateway: [{ fallback }] }): Promise<string> {
  return project({ ...MAIN, 'brink.json': JSON.stringify({ name: 'hello', main: 'index.js', ...config }), ...files });
}

const built = (dir: string) => build(join(dir, 'brink.json'));

describe('fallback.file', () => {
  it('is the body that a version has, with its type', async () => {
    const dir = await withFallback({ file: 'pages/sorry.html', status: 502 }, { 'pages/sorry.html': '<p>Später</p>' });
    const whole = await built(dir);
    expect(whole.artifact.manifest.gateway?.[0]?.fallback).toMatchObject({
      status: 502,
      body: '<p>Später</p>',
      headers: { 'content-type': 'text/html; charset=utf-8' },
    });
    expect(whole.inputs).toContain(join(dir, 'pages/sorry.html'));
    await put(dir, 'pages/sorry.html', 'other');
    expect((await built(dir)).digest).not.toBe(whole.digest);
  });

  it('may stand with a route, and beside a type of its own', async () => {
    const fallback = { file: 'sorry', headers: { 'Content-Type': 'text/x-sorry' } };
    const dir = await withFallback({}, { sorry: 'Later.' }, { routes: [{ pattern: 'a.example/*', gateway: { fallback } }] });
    expect((await built(dir)).artifact.manifest.gateway?.[0]?.fallback).toMatchObject({
      body: 'Later.',
      headers: { 'content-type': 'text/x-sorry' },
    });
  });

  it.each<[string, object, string]>([
    ['what is not there', { file: 'none.html' }, 'gateway[0].fallback.file names "none.html", which is not there'],
    ['what lies elsewhere', { file: '../outside.html' }, 'gateway[0].fallback.file names a file outside'],
    ['no text', { file: 'binary.bin' }, 'gateway[0].fallback.file names a file that is no text in UTF-8'],
    ['no name', { file: 7 }, 'gateway[0].fallback.file must be the name of a file'],
    ['a file beside a body', { file: 'large.txt', body: 'x' }, 'gateway[0].fallback.file goes without body'],
    ['a file that is too large', { file: 'large.txt' }, 'gateway[0].fallback.body has more than 65,536 characters'],
  ])('is refused with %s', async (_what, fallback, says) => {
    const dir = await withFallback(fallback, { 'binary.bin': new Uint8Array([0xff, 0xfe]), 'large.txt': 'x'.repeat(65_537) });
    await put(dir, '../outside.html', 'x');
    expect((await failureOf(built(dir))).message).toContain(says);
  });
});
