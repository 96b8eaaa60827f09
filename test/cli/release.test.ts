import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FreezeResult, MoveResult, ReleaseResult } from '../../host/admin/schemas/releases.ts';
import { brink, serving, temporaryFolder, type Serving } from './brink.ts';

const folder = temporaryFolder();
let host: Serving;

const run = (...args: readonly string[]) =>
  brink(args, { cwd: folder.path, env: { BRINK_HOST: host.url, BRINK_ACTOR: 'anna' }, stdin: '' });
const jsonOf = async <Line>(...args: readonly string[]): Promise<Line[]> => {
  const { stdout, stderr, code } = await run(...args, '--json');
  expect(code, stderr).toBe(0);
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Line]));
};
const publish = (text: string) => {
  writeFileSync(join(folder.path, 'index.ts'), `export default { fetch: () => new Response('${text}') };`);
  return run('publish', '.');
};

beforeAll(async () => {
  host = await serving(['serve', '--port', '0', '--state', 'state'], { cwd: folder.path, env: {} });
  writeFileSync(join(folder.path, 'brink.toml'), 'name = "rates"\nmain = "index.ts"\n');
  for (const text of ['one', 'two', 'three']) expect((await publish(text)).code).toBe(0);
});
afterAll(async () => {
  await host.stop();
  folder.remove();
});

describe('brink release', () => {
  it('--wait ends with the release; the history has its moves and its reason', async () => {
    const { code, stdout, stderr } = await run(
      'release',
      'rates',
      '--to',
      '2',
      '--steps',
      '50,100',
      '--every',
      '1s',
      '--reason',
      'a try',
      '--wait',
    );
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(
        /^release 1 of rates@live, 1 → 2: done, all steps are done\n {2}steps {2}50 \[100\], each 1s\n {2}by .*local \(anna\), .*: a try\n$/,
      ),
    ]);
    expect(stderr).toContain('release 1 of rates@live, 1 → 2: running, 50%');
    const moves = await jsonOf<MoveResult>('history', 'rates', '--alias', 'live');
    expect(moves.map(({ by, why }) => [by, why])).toEqual([
      ['release 1', 'step 2 of 2: 100%'],
      ['release 1', 'begins with 50%'],
      ['local (anna)', null],
    ]);
    expect(await jsonOf('history', 'rates', '--alias', 'beta')).toEqual([]);
  });

  it('--at begins later; pause, resume and abort change the one that is under way', async () => {
    const [asked] = await jsonOf<ReleaseResult>('release', 'rates', '--to', '3', '--at', new Date(Date.now() + 3_600_000).toISOString());
    expect(asked).toMatchObject({ id: 2, state: 'scheduled', steps: [100], by: 'local (anna)' });
    expect((await run('release', 'pause', 'rates')).stderr).toMatch(/release-conflict.*is scheduled/);
    expect(await jsonOf('release', 'abort', 'rates', '--if-revision', '1', '--reason', 'not now')).toMatchObject([
      { id: 2, state: 'aborted', verdict: { reason: 'aborted by local (anna): not now' } },
    ]);
    expect((await run('release', 'abort', 'rates')).stderr).toContain('release-not-found');
    expect((await run('release', 'status', 'rates')).stdout).toMatch(/^release 2 of .*aborted[^]*\n\nrelease 1 of .*done/);
    expect((await jsonOf<ReleaseResult>('release', 'status', 'rates')).map(({ id }) => id)).toEqual([2, 1]);
  });

  it('--wait ends with status 1 where it was not done', async () => {
    const waiting = run('release', 'start', 'rates', '--to', '3', '--steps', '10,100', '--every', '1h', '--wait');
    for (let tries = 0; (await run('release', 'abort', 'rates')).code !== 0; tries++) expect(tries).toBeLessThan(50);
    const { code, stderr } = await waiting;
    expect([code, stderr]).toEqual([1, expect.stringContaining('Release 3 of rates is aborted: aborted by local (anna)')]);
  });

  it.each([
    [['release', 'rates'], 2, 'add --to N'],
    [['release', 'rates', '--to', '3', '--every', 'soon'], 2, 'is no duration'],
    [['release', 'rates', '--to', '3', '--steps', '5;100'], 2, '--steps "5;100" is no number'],
    [['release', 'rates', '--to', '3', '--at', 'tomorrow'], 2, 'is no time with its zone'],
    [['release', 'rates', '--to', '3', '--guard', 'p95<fast'], 1, 'guard-invalid): The guard cannot be read at character 5, "fast"'],
    [['freeze', 'add', 'x', '--from', '2026-01-01'], 2, 'add --reason TEXT'],
    [['freeze', 'add', 'x', '--reason', 'y', '--from', '2026-01-01'], 2, 'has --from and --to'],
    [['freeze', 'add', 'x', '--reason', 'y', '--cron', '0 0 * * *'], 2, '--cron wants --lasts'],
  ])('%j is refused', async (args, status, why) => {
    const { code, stderr } = await run(...args);
    expect([code, stderr]).toEqual([status, expect.stringContaining(why)]);
  });
});

it('brink freeze keeps, lists and removes freezes', async () => {
  const [freeze] = await jsonOf<FreezeResult>(
    'freeze',
    'add',
    'weekend',
    '--cron',
    '0 16 * * FRI',
    '--timezone',
    'Europe/Berlin',
    '--lasts',
    '64h',
    '--reason',
    'nobody is there',
  );
  expect(freeze).toMatchObject({ window: { cron: '0 16 * * FRI', timezone: 'Europe/Berlin', lasts: 64 * 3_600_000 }, by: 'local (anna)' });
  expect((await run('freeze', 'ls')).stdout).toMatch(/weekend +\* +0 16 \* \* FRI Europe\/Berlin, for 2d16h .*nobody is there/);
  expect((await run('freeze', 'rm', 'weekend')).stdout).toBe('Removed the freeze weekend\n');
  expect((await run('freeze', 'ls')).stdout).toBe('There are no freezes.\n');
});
