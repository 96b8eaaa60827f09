import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openNode } from '../conformance/harness-node.ts';
import { publish, type TestHost } from '../conformance/harness.ts';
import { brink } from './brink.ts';

let host: TestHost;
let dir: string;
let url: string;

beforeAll(async () => {
  [host, dir] = await Promise.all([openNode(), mkdtemp(join(tmpdir(), 'brink-gateway-'))]);
  ({ url } = await publish(host, 'export default { fetch: () => new Response("here") };', { name: 'ruled' }));
  await writeFile(join(dir, 'rules.toml'), '[[gateway]]\nresponse_headers = { set = { x-op = "toml" } }\n');
  await writeFile(join(dir, 'rules.json'), JSON.stringify({ gateway: [{ match: { path: '/a' }, methods: ['GET'] }] }));
  await writeFile(join(dir, 'wrong.json'), JSON.stringify({ gateway: [{ cors: { origns: [] } }] }));
  await writeFile(join(dir, 'whole.toml'), 'name = "ruled"\n[[gateway]]\nmethods = ["GET"]\n');
});
afterAll(async () => {
  await host.stop();
  await rm(dir, { recursive: true, force: true });
});

const run = (...args: string[]) =>
  brink(args, { cwd: dir, env: { BRINK_HOST: host.url, BRINK_TOKEN: host.token, BRINK_ACTOR: 'ada', NO_COLOR: '1' } });

it('brink gateway sets, shows, lists, takes back and removes rules', async () => {
  expect((await run('gateway', 'show', 'ruled')).stdout).toBe('ruled: no rules\n');
  expect((await run('gateway', 'set', 'ruled', 'rules.toml', '--reason', 'first')).stdout).toBe('ruled: 1 block of rules, revision 1\n');
  expect((await fetch(url)).headers.get('x-op')).toBe('toml');
  const { stdout } = await run('gateway', 'show', 'ruled');
  expect(stdout).toContain('x-op = "toml"');
  await writeFile(join(dir, 'again.toml'), stdout);
  expect((await run('gateway', 'set', 'ruled', 'again.toml', '--if-revision', '1')).stdout).toBe('ruled: 1 block of rules, revision 2\n');
  expect((await run('gateway', 'rm', 'ruled')).stdout).toBe('ruled: no rules, revision 3\n');
  expect((await run('gateway', 'rollback', 'ruled', '--to', '1')).stdout).toBe('ruled: 1 block of rules, revision 4\n');
  const history = (await run('gateway', 'history', 'ruled')).stdout.split('\n');
  expect(history[1]).toMatch(/^4 .* 1 +token \(ada\) +-$/);
  expect(history[4]).toMatch(/^1 .* 1 +token \(ada\) +first$/);
});

it('brink gateway --all is about every function', async () => {
  expect((await run('gateway', 'set', '--all', 'rules.json')).stdout).toBe('All functions: 1 block of rules, revision 1\n');
  expect(JSON.parse((await run('gateway', 'show', '--all', '--json')).stdout)).toMatchObject({
    function: null,
    gateway: [{ match: { path: ['/a'] }, methods: ['GET'] }],
  });
  expect((await fetch(`${url}a`, { method: 'POST' })).status).toBe(405);
  expect((await run('gateway', 'rm', '--all')).stdout).toBe('All functions: no rules, revision 2\n');
});

it.each<[readonly string[], number, string]>([
  [['show'], 2, 'Name a function, or say --all'],
  [['set', 'ruled'], 2, 'Name a file with [[gateway]] blocks'],
  [['set', 'ruled', 'whole.toml'], 2, 'has the key "name"'],
  [['set', 'ruled', 'not-there.toml'], 1, 'cannot be read'],
  [['set', 'ruled', 'wrong.json'], 1, 'Did you mean "origins"?'],
  [['rm', 'ruled', '--if-revision', 'one'], 2, '--if-revision takes the number of a revision'],
  [['rollback', 'ruled', '--to', '99'], 1, 'revision-not-found'],
])('brink gateway %j ends with %i and says why', async (args, code, says) => {
  const result = await run('gateway', ...args);
  expect([result.code, result.stderr]).toEqual([code, expect.stringContaining(says)]);
});
