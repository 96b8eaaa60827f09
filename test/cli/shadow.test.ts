import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ShadowReported, ShadowResult } from '../../host/admin/schemas/shadows.ts';
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

beforeAll(async () => {
  host = await serving(['serve', '--port', '0', '--state', 'state'], { cwd: folder.path, env: {} });
  writeFileSync(join(folder.path, 'brink.toml'), 'name = "rates"\nmain = "index.ts"\n');
  for (const rate of [1, 2]) {
    writeFileSync(join(folder.path, 'index.ts'), `export default { fetch: () => Response.json({ rate: ${rate}, time: ${rate} }) };`);
    expect((await run('publish', '.')).code).toBe(0);
  }
});
afterAll(async () => {
  await host.stop();
  folder.remove();
});

describe('brink shadow', () => {
  it('starts one, shows what it has found, and stops it', async () => {
    const ignore = ['--ignore', "$.time,$['a,b']", '--ignore', 'header:etag'];
    const more = ['--for', '1h', '--baseline', '--outbound', 'none', '--reason', 'a try'];
    const [begun] = await jsonOf<ShadowResult>('shadow', 'start', 'rates', '--to', '2', '--share', '100%', ...ignore, ...more);
    expect(begun).toMatchObject({ id: 1, share: 100, ignore: ['$.time', "$['a,b']", 'header:etag'], outbound: 'none', baseline: true });
    expect(begun).toMatchObject({ by: 'local (anna)', why: 'a try' });
    expect(begun!.until! - begun!.startedAt).toBe(3_600_000);
    for (let n = 0; n < 3; n++) expect(await (await fetch(`${host.url}/rates/`)).json()).toMatchObject({ rate: 1 });
    await vi.waitFor(async () => {
      const [{ report }] = (await jsonOf<ShadowReported>('shadow', 'show', 'rates')) as [ShadowReported];
      expect(report).toMatchObject({ compared: 3, different: 3, places: [{ place: '$.rate', count: 3, self: 0 }] });
    }, 20_000);
    const { stdout } = await run('shadow', 'show', 'rates');
    expect(stdout).toMatch(/^shadow 1 of rates@live, 100% to version 2: under way until .*\n {2}by {8}local \(anna\), .*: a try\n/);
    expect(stdout).toContain('requests  3 drawn, 3 compared: 0 equal, 0 but for noise, 3 different');
    expect(stdout).toMatch(/PLACE +DIFFERENT +FROM ITSELF +LIVE +SHADOW\n {2}\$\.rate +3 +0 +1 +2\n$/);
    expect((await run('shadow', 'start', 'rates', '--to', '2')).stderr).toMatch(/shadow-conflict.*brink shadow stop rates --id 1/);
    expect((await run('shadow', 'stop', 'rates')).stdout).toBe('shadow 1 of rates@live, 100% to version 2: ended, stopped\n');
    expect((await run('shadow', 'stop', 'rates')).stderr).toMatch(/shadow-not-found.*has no shadow under way/);
    expect(await jsonOf('shadow', 'ls', 'rates')).toMatchObject([{ id: 1, end: { by: 'local (anna)', reason: 'stopped' } }]);
  });

  it('says what is missing or wrong', async () => {
    for (const [args, wanted] of [
      [['start', 'rates'], 'add --to N'],
      [['start', 'rates', '--to', '2', '--share', 'half'], 'no percent'],
      [['start', 'rates', '--to', '2', '--for', 'ever'], 'no duration'],
      [['start', 'rates', '--to', '2', '--outbound', 'some'], 'none of none, safe, all'],
      [['start', 'rates', '--to', '2', '--ignore', 'time'], 'shadow-invalid'],
      [['start', 'rates', '--to', '9'], 'version-not-found'],
      [['show', 'rates', '--id', '7'], 'shadow-not-found'],
    ] as const) {
      const { stderr, code } = await run('shadow', ...args);
      expect([code !== 0, stderr]).toEqual([true, expect.stringContaining(wanted)]);
    }
  });
});
