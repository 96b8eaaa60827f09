import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { policyWat } from '../policy-wat.ts';
import { brink, serving, temporaryFolder, type Serving } from './brink.ts';

const folder = temporaryFolder();
const SERVE = ['serve', '--port', '0', '--state', 'state'];
const serve = (...flags: string[]) => serving([...SERVE, ...flags], { cwd: folder.path, env: {} });
let host: Serving;

const run = (...args: readonly string[]) =>
  brink(args, { cwd: folder.path, env: { BRINK_HOST: host.url, BRINK_ACTOR: 'anna' }, stdin: '' });

beforeAll(async () => {
  writeFileSync(join(folder.path, 'brink.toml'), 'name = "asked"\nmain = "index.ts"\n');
  writeFileSync(join(folder.path, 'index.ts'), 'export default { fetch: () => new Response("here") };');
  const no = JSON.stringify([{ result: ['Only anna publishes.'] }]);
  writeFileSync(join(folder.path, 'policy.wasm'), await policyWat({ 'brink/deny': { inputHas: '"name":"bert"', otherwise: no } }));
  writeFileSync(join(folder.path, 'none.tar.gz'), 'no bundle');
  spawnSync('tar', ['-czf', 'empty.tar.gz', 'brink.toml'], { cwd: folder.path });
  host = await serve('--publish-policy', 'policy.wasm', '--publish-policy-rule', 'brink/deny');
});
afterAll(async () => {
  await host.stop();
  folder.remove();
});

it('a policy of `brink serve` is asked from the beginning, and after a restart without the flag', async () => {
  for (const again of [false, true]) {
    if (again) {
      await host.stop();
      host = await serve();
    }
    const { code, stderr } = await run('publish', '.');
    expect([code, stderr]).toEqual([1, expect.stringContaining('does not allow publishing asked: Only anna publishes.')]);
    expect((await run('policy', 'show')).stdout).toBe('policy.wasm brink/deny is asked before something is published.\n');
  }
});

it('brink policy sets, shows and removes it', async () => {
  const dry = await run('policy', 'set', 'policy.wasm', '--entrypoint', 'brink/deny', '--dry-run');
  expect(dry.stdout).toBe('policy.wasm brink/deny is asked before something is published, as a dry run.\n');
  expect((await run('publish', '.')).code).toBe(0);
  expect((await run('logs', 'asked')).stdout).toContain('publish: policy policy.wasm brink/deny: denied (dry run): Only anna publishes.');
  expect((await run('policy', 'rm')).stdout).toBe('Nothing is asked before something is published.\n');
});

it.each<[readonly string[], number, string]>([
  [['policy', 'set', 'not-there.wasm'], 1, 'cannot be read'],
  [['policy', 'set', 'none.tar.gz'], 1, 'is no bundle'],
  [['policy', 'set', 'empty.tar.gz'], 1, 'has no policy.wasm'],
  [['policy', 'set', 'index.ts'], 1, 'is no WebAssembly module'],
  [['policy', 'set', 'policy.wasm'], 1, 'has no entrypoint "brink/allow"'],
  [['serve', '--port', '0', '--publish-policy-dry-run'], 2, 'go with --publish-policy'],
])('%j is refused', async (args, status, why) => {
  const { code, stderr } = await run(...args);
  expect([code, stderr]).toEqual([status, expect.stringContaining(why)]);
});
