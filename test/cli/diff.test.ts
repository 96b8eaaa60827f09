import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiChangesResult } from '../../host/admin/schemas/openapi.ts';
import { brink, serving, start, temporaryFolder, type Serving } from './brink.ts';

const folder = temporaryFolder();
let host: Serving;

const run = (...args: readonly string[]) => brink(args, { cwd: folder.path, env: { BRINK_HOST: host.url }, stdin: '' });

/** With so many paths. */
function write(paths: number, policy: string): void {
  const rest = Array.from({ length: paths }, (_, index) => [`/more/${index}`, { get: { responses: { 200: { description: 'Done' } } } }]);
  const document = { openapi: '3.1.0', info: { title: 'Rates', version: '1' }, paths: Object.fromEntries(rest) };
  mkdirSync(join(folder.path, 'rates'), { recursive: true });
  const file = (name: string, text: string) => writeFileSync(join(folder.path, 'rates', name), text);
  file('openapi.json', JSON.stringify(document));
  file('brink.toml', `name = "rates"\nmain = "index.ts"\nopenapi = { file = "openapi.json", breaking = "${policy}" }\n`);
  file('index.ts', `export default { fetch: () => new Response('${paths}') };`);
}

async function publish(paths: number, policy: string): Promise<void> {
  write(paths, policy);
  const { code, stderr } = await run('publish', 'rates');
  expect(code, stderr).toBe(0);
}

beforeAll(async () => {
  host = await serving(['serve', '--port', '0', '--state', 'state'], { cwd: folder.path, env: {} });
  await publish(14, 'refuse');
  await publish(15, 'refuse');
  await publish(1, 'refuse');
});
afterAll(async () => {
  await host.stop();
  folder.remove();
});

describe('brink diff', () => {
  it('compares the newest version with the live one', async () => {
    const { code, stdout } = await run('diff', 'rates');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^rates@1 → rates@3\nbreaking: \/more\/1: The path \/more\/1 is gone\. \[path-removed\]\n/);
    expect(stdout.trimEnd().split('\n')).toHaveLength(14);
  });

  it('prints it as JSON', async () => {
    const { stdout } = await run('diff', 'rates', '--from', '1', '--to', '2', '--json');
    expect(JSON.parse(stdout) as ApiChangesResult).toEqual({
      function: 'rates',
      from: 1,
      to: 2,
      changes: [
        {
          rule: 'path-added',
          severity: 'compatible',
          method: null,
          path: '/more/14',
          pointer: '#/paths/~1more~114',
          document: 'to',
          message: 'The path /more/14 is new.',
        },
      ],
    });
  });

  it('--check fails where something breaks, and nowhere else', async () => {
    expect((await run('diff', 'rates', '--to', '2', '--check')).code).toBe(0);
    const { code, stderr } = await run('diff', 'rates', '--to', '3', '--check');
    expect([code, stderr]).toEqual([1, 'error (failed): rates@3 breaks those who call rates@1, in 13 places.\n']);
  });

  it('says that nothing has changed', async () => {
    expect((await run('diff', 'rates', '--from', '2', '--to', '2')).stdout).toBe(
      'rates@2 → rates@2: nothing has changed for those who call.\n',
    );
  });
});

describe('a move that breaks those who call', () => {
  it('is refused with the first ten places', async () => {
    const { code, stderr } = await run('alias', 'rates', 'live=3');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error \(breaking-change\): rates@live does not go from version 1 to 3: 13 changes break those who call it\. /);
    expect(stderr).toMatch(/\n {2}breaking: \/more\/10: .*\n {2}and 3 more: brink diff rates --from 1 --to 3\n$/);
  });

  it.each([
    ['alias', ['alias', 'rates', 'live=3']],
    ['release', ['release', 'rates', '--to', '3', '--alias', 'next']],
    ['publish', ['publish', 'rates', '--alias', 'beta']],
  ])('goes on with --allow-breaking, and is told of: %s', async (_command, args) => {
    for (const alias of ['live', 'next', 'beta']) await run('alias', 'rates', `${alias}=1`);
    expect((await run(...args)).stderr).toContain('error (breaking-change)');
    const { code, stderr } = await run(...args, '--allow-breaking');
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/warning: for those who call, rates@3 is not as rates@1 was:\n {2}breaking: \/more\/1: /);
  });

  it('is told of by a rollback, which goes on', async () => {
    await run('alias', 'rates', 'live=1', '--allow-breaking');
    await run('alias', 'rates', 'live=2');
    const { code, stderr, stdout } = await run('rollback', 'rates');
    expect(code).toBe(0);
    expect(stderr).toContain('breaking: /more/14: The path /more/14 is gone. [path-removed]');
    expect(stdout).toContain('rates@live → 1 ');
  });

  it('is told of by dev, which goes on', async () => {
    write(3, 'refuse');
    const dev = start(['dev', 'rates', '--port', '0', '--engine', 'node', '--state', 'dev'], { cwd: folder.path, env: {} });
    try {
      await dev.says(/rates@1 is live/);
      write(2, 'refuse');
      await dev.says(/warning: for those who call, rates@2 is not as rates@1 was:\n {2}breaking: \/more\/2: /);
      await dev.says(/rates@2 is live/);
    } finally {
      await dev.stop();
    }
  });
});
