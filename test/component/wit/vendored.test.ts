import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WIT } from './wit.ts';

/** Where the WIT of WASI comes from, in the version that package.json names. */
const SOURCE = new URL('../../../node_modules/@bytecodealliance/jco/lib/wit/builtin/', import.meta.url).pathname;

describe('vendored WIT', () => {
  it.each([
    ['0.2', '0.2.12'],
    ['0.3', '0.3.0'],
  ])('wit/%s has WASI %s as jco brings it', async (generation, version) => {
    const packages = await readdir(join(SOURCE, version));
    expect(packages).toContain('wasi-http');
    for (const name of packages) {
      const [own, theirs] = await Promise.all(
        [join(WIT, generation, 'deps'), join(SOURCE, version)].map((folder) => readFile(join(folder, name, 'package.wit'), 'utf8')),
      );
      expect(own, name).toBe(theirs);
    }
  });

  it('comes with its license', async () => {
    expect(await readFile(join(WIT, 'LICENSE-WASI'), 'utf8')).toBe(await readFile(join(SOURCE, 'LICENSE.md'), 'utf8'));
  });
});
