import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { BIN, brink, temporaryFolder } from './brink.ts';

const MODULE = fileURLToPath(new URL('../../host/cli/compile-cache.js', import.meta.url));
const folder = temporaryFolder();
afterAll(() => folder.remove());

/** A package that has the module where ours has it, and something for it to keep. */
function installed(root: string): () => string {
  const dir = join(folder.path, root);
  mkdirSync(join(dir, 'host/cli'), { recursive: true });
  copyFileSync(MODULE, join(dir, 'host/cli/compile-cache.js'));
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
  writeFileSync(join(dir, 'host/cli/other.js'), "const text = 'runs'; console.log(text);");
  writeFileSync(join(dir, 'host/cli/main.js'), "import './compile-cache.js'; await import('./other.js');");
  const { NODE_COMPILE_CACHE: _, ...env } = process.env;
  return () => execFileSync(process.execPath, [join(dir, 'host/cli/main.js')], { encoding: 'utf8', env });
}

function kept(dir: string): string[] {
  return readdirSync(join(folder.path, dir), { recursive: true, withFileTypes: true }).flatMap((each) =>
    each.isFile() ? [each.name] : [],
  );
}

describe('what Node makes of the sources', () => {
  it('is kept in node_modules, by each command', async () => {
    expect(await brink(['--version'], { cwd: folder.path })).toMatchObject({ code: 0, stderr: '' });
    const cache = join(dirname(BIN), '../../node_modules/.cache/brink');
    expect(readdirSync(cache, { recursive: true }).length).toBeGreaterThan(10);
  });

  it.each([
    ['a clone', 'clone', 'clone/node_modules/.cache/brink'],
    ['a package that others have installed', 'project/node_modules/brink', 'project/node_modules/.cache/brink'],
  ])('of %s', (_, root, cache) => {
    const run = installed(root);
    expect([run(), run()]).toEqual(['runs\n', 'runs\n']);
    expect(kept(cache).length).toBe(1);
    // Another source is another program, whatever is kept.
    writeFileSync(join(folder.path, root, 'host/cli/other.js'), "const text = 'runs anew'; console.log(text);");
    expect([run(), run()]).toEqual(['runs anew\n', 'runs anew\n']);
    expect(kept(cache).length).toBe(1);
  });

  it('is made each time where nothing may be written', () => {
    const run = installed('closed');
    mkdirSync(join(folder.path, 'closed/node_modules'));
    writeFileSync(join(folder.path, 'closed/node_modules/.cache'), 'a file');
    expect([run(), run()]).toEqual(['runs\n', 'runs\n']);
    expect(readFileSync(join(folder.path, 'closed/node_modules/.cache'), 'utf8')).toBe('a file');
  });
});
